"""Limits of statement counts are in tests/statement_caps.py, and each is used."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model

from tests.statement_caps import CAPS, Cap, statements_at_most

TESTS = sorted(path for path in Path(__file__).parent.rglob("*.py"))
# Ways of counting that bring their figure along, past the one file.
PAST_IT = {"assertNumQueries", "django_assert_num_queries", "django_assert_max_num_queries"}


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in TESTS:
        yield path.name, ast.parse(path.read_text("utf-8"))


def named(tree: ast.Module) -> Iterator[str]:
    """Yield the names of the caps that this file uses."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "statements_at_most":
            [name] = node.args
            assert isinstance(name, ast.Constant), "a cap is named in plain words, so that it can be found"
            yield name.value


def captured(tree: ast.AST) -> set[str]:
    """Return the names of the variables that hold captured statements in a function."""
    items = [item for node in ast.walk(tree) if isinstance(node, ast.With) for item in node.items]
    return {
        item.optional_vars.id
        for item in items
        if isinstance(item.optional_vars, ast.Name)
        and isinstance(item.context_expr, ast.Call)
        and isinstance(item.context_expr.func, ast.Name)
        and item.context_expr.func.id in {"CaptureQueriesContext", "statements_at_most"}
    }


def is_count(node: ast.expr, names: set[str]) -> bool:
    """Return whether the node is `len(captured)`."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "len"
        and isinstance(node.args[0], ast.Name)
        and node.args[0].id in names
    )


def figures(tree: ast.AST) -> Iterator[int]:
    """Yield the lines that compare a number of captured statements with a literal."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            names = captured(function)
            for node in ast.walk(function) if names else ():
                if isinstance(node, ast.Compare):
                    parts = [part for side in (node.left, *node.comparators) for part in ast.walk(side)]
                    has_figure = any(isinstance(part, ast.Constant) and isinstance(part.value, int) for part in parts)
                    if has_figure and any(isinstance(part, ast.expr) and is_count(part, names) for part in parts):
                        yield node.lineno


def test_every_cap_is_used_and_every_name_is_a_cap() -> None:
    used = {name for file, tree in trees() if file != Path(__file__).name for name in named(tree)}
    assert used == set(CAPS)
    assert all(cap.why for cap in CAPS.values())


def test_no_test_has_a_figure_of_its_own() -> None:
    found = [(file, line) for file, tree in trees() for line in figures(tree)]
    names = [
        (file, node.lineno)
        for file, tree in trees()
        for node in ast.walk(tree)
        if (isinstance(node, ast.arg) and node.arg in PAST_IT)
        or (isinstance(node, ast.Attribute) and node.attr in PAST_IT)
    ]
    assert found + names == []


@pytest.mark.parametrize("line", ["len(seen) <= 7", "len(seen) == len(few) + 1", "(len(seen), 2) == (1, 2)"])
def test_a_figure_in_a_test_is_found(line: str) -> None:
    source = f"def test_x():\n    with CaptureQueriesContext(connection) as seen:\n        pass\n    assert {line}\n"
    assert list(figures(ast.parse(source))) == [4]


def ask_twice() -> None:
    with statements_at_most("two people"):
        assert not get_user_model().objects.exists() and not get_user_model().objects.exists()


def test_one_statement_too_many_fails(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CAPS, "two people", Cap(2, "each is asked for"))
    ask_twice()
    monkeypatch.setitem(CAPS, "two people", Cap(1, "both at once"))
    with pytest.raises(AssertionError, match="two people: 2 statements, 1 allowed"):
        ask_twice()
