"""Every refusal has a code that is raised, documented and, where a page may show it, translated (ADR 99)."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from django.utils import translation
from django.utils.translation import gettext

import otklik
from otklik.core.errors import Refusal, UnableTo
from otklik.tickets.commands.base import UnableToChange
from otklik.tickets.refusals import TicketRefusal
from tools import refusals

ROOT = Path(otklik.__file__).parent
TABLES = {table.__name__: table for table in refusals.tables()}
# Only these have words that no page shows: the console's, and reasons that stand in the log.
FOR_THE_CONSOLE = ("cli", "core", "desk", "mail", "worker")
NOT_ON_PAGES = {"intake.mailbox_without_desk", "ticket.key_ahead"}


@dataclass(frozen=True)
class Module:
    """A parsed file."""

    path: str
    nodes: list[ast.AST]

    @property
    def name(self) -> str:
        return "otklik." + self.path.removesuffix(".py").replace("/", ".")


def modules() -> Iterator[Module]:
    for path in sorted(ROOT.rglob("*.py")):
        nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        wanted = (ast.ImportFrom, ast.ClassDef, ast.Raise, ast.Call)
        yield Module(str(path.relative_to(ROOT)), [node for node in nodes if isinstance(node, wanted)])


@cache
def all_modules() -> list[Module]:
    """Return all modules; read when a test needs them, not by every process that collects tests."""
    return list(modules())


def names_in(module: Module, full_names: set[str]) -> set[str]:
    """Return the names under which the module knows these classes: its own and imported ones."""
    imports = (node for node in module.nodes if isinstance(node, ast.ImportFrom))
    found = {
        one.asname or one.name for node in imports for one in node.names if f"{node.module}.{one.name}" in full_names
    }
    return found | {full.rpartition(".")[2] for full in full_names if full.rpartition(".")[0] == module.name}


@cache
def family() -> set[str]:
    """Return the full names of UnableTo and all its subclasses."""
    found: set[str] = {"otklik.core.errors.UnableTo"}
    while True:
        before = len(found)
        for module in all_modules():
            known = names_in(module, found)
            for node in module.nodes:
                if isinstance(node, ast.ClassDef) and any(ast.unparse(base) in known for base in node.bases):
                    found.add(f"{module.name}.{node.name}")
        if len(found) == before:
            return found


def code_in(node: ast.expr) -> Refusal | None:
    """Return the refusal that the expression names, or None."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in TABLES:
        return TABLES[node.value.id][node.attr]
    return None


def test_whatever_refuses_says_a_code() -> None:
    without = []
    for module in all_modules():
        known = names_in(module, family())
        for node in module.nodes:
            bare = isinstance(node, ast.Raise) and node.exc is not None and ast.unparse(node.exc) in known
            call = isinstance(node, ast.Call) and ast.unparse(node.func) in known
            told_again = call and [ast.unparse(part).rpartition(".")[2] for part in node.args] == ["refusal"]
            if bare or (call and not told_again and not (node.args and code_in(node.args[0]) and len(node.args) == 1)):
                without.append(f"{module.path}:{node.lineno}")
    assert len(family()) > 45
    assert without == []


def test_a_refusal_is_given_the_values_that_its_words_name() -> None:
    lacking, told = [], set()
    for module in all_modules():
        for node in module.nodes:
            if isinstance(node, ast.Call) and node.args and (refusal := code_in(node.args[0])):
                told.add(refusal)
                if not set(re.findall(r"%\((\w+)\)", refusal.value)) <= {str(one.arg) for one in node.keywords}:
                    lacking.append(f"{module.path}:{node.lineno}")
    assert lacking == []
    assert told == {refusal for table in TABLES.values() for refusal in table}, "a code that nothing refuses with"


def test_codes_are_unique_and_one_meaning_has_one_code() -> None:
    codes = [refusal.code for table in TABLES.values() for refusal in table]
    assert len(codes) == len(set(codes)) > 200
    assert all(re.fullmatch(r"[a-z]+\.[a-z0-9_]+", code) for code in codes)
    # An Enum takes a second name for the same words as another name of the first.
    assert [table.__name__ for table in TABLES.values() if len(table.__members__) != len(table)] == []


def test_every_code_stands_in_the_document() -> None:
    assert refusals.PAGE.read_text("utf-8") == refusals.page(), "run: .venv/bin/python -m tools.refusals"


def test_every_refusal_that_a_page_may_show_is_translated() -> None:
    shown = [
        refusal
        for table in TABLES.values()
        for refusal in table
        if not refusal.code.startswith(FOR_THE_CONSOLE) and refusal.code not in NOT_ON_PAGES
    ]
    assert TicketRefusal.NOTHING_WRITTEN in shown
    with translation.override("ru"):
        assert [refusal.code for refusal in shown if gettext(refusal.value) == refusal.value] == []


@pytest.mark.parametrize(
    ("language", "said"), [("en", "A label has at most 5 characters"), ("ru", "В метке не больше 5 знаков")]
)
def test_the_reader_s_language_counts_not_that_of_the_command(language: str, said: str) -> None:
    with translation.override("en"):
        refusal: UnableTo = UnableToChange(TicketRefusal.LABEL_TOO_LONG, most=5, label="50 %")
    with translation.override(language):
        assert refusal.translated().startswith(said)
        assert "50 %" in refusal.translated()
        assert str(refusal) == "A label has at most 5 characters: “50 %…”."
    assert refusal.code == "ticket.label_too_long"


# Raised, but by nothing that a test of the product's own tables can bring about.
NOT_PROVOKED = {
    "intake.unreadable",  # a mail that was read before, by a parser that fails at it now
    "portal.step_gone",  # the view's one word for every refusal of a step: tests/portal/test_card.py reads the page
    "workspace.no_requester",  # the page offers nothing there; tests/workspace/test_all_or_nothing.py tries it
}


def is_expected(refusal: Refusal, tests: str) -> bool:
    """Return whether the tests mention the refusal by its code or by a part of its text on a page."""
    said = re.split(r"%\(\w+\)\w|[.:;,«»]", gettext(refusal.value))
    return f'"{refusal.code}"' in tests or any(len(part) > 10 and part.strip() in tests for part in said)


def test_every_refusal_is_expected_by_some_test() -> None:
    """A guard without a test can be lost unnoticed."""
    others = (path for path in Path(__file__).parent.rglob("*.py") if path != Path(__file__))
    tests = "\n".join(path.read_text("utf-8") for path in others)
    shown = [one for table in TABLES.values() for one in table if not one.code.startswith(FOR_THE_CONSOLE)]
    with translation.override("ru"):
        assert {refusal.code for refusal in shown if not is_expected(refusal, tests)} == NOT_PROVOKED
