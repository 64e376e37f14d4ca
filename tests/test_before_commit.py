"""`make test-fast` selects what a change concerns, and every other file in its turn (tests.before_commit)."""

import pytest

from tests import before_commit
from tests.before_commit import GUARDS, PARTS, ROOT, concerned, is_sampled, whole_files

TESTS = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("tests/**/*.py")}


@pytest.mark.parametrize(
    ("path", "test"),
    [
        ("tests/people/test_addresses.py", "tests/people/test_addresses.py"),  # changed itself
        ("src/otklik/tickets/commands/links.py", "tests/tickets/commands/test_add_link.py"),  # imports the module
        ("src/otklik/ui/paging.py", "tests/ui/test_paging.py"),  # mirrors it
        ("src/otklik/tickets/jql/moments.py", "tests/tickets/jql/test_moments.py"),
        ("tests/linear.py", "tests/mail/parse/test_linear.py"),  # uses the changed helper
    ],
)
def test_a_change_selects_its_tests(path: str, test: str) -> None:
    assert test in TESTS
    assert test in concerned([path], TESTS)


@pytest.mark.parametrize("path", ["README.md", "tests/matrix.txt", "src/otklik/ui/static/otklik/base.css"])
def test_what_no_test_imports_selects_none(path: str) -> None:
    assert concerned([path], TESTS) == frozenset()


def test_guards_are_there_and_always_run() -> None:
    assert GUARDS <= TESTS
    assert whole_files() >= GUARDS


def test_a_module_that_everybody_imports_does_not_select_everything() -> None:
    assert len(concerned(["tests/cast.py"], TESTS)) == before_commit.MOST_IMPORTING


def test_every_file_has_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {name for name in TESTS if "/test_" in name}
    sampled = list[set[str]]()
    for day in range(PARTS):
        monkeypatch.setattr(before_commit, "DAY", day)
        sampled.append({name for name in files if is_sampled(name)})
    assert set().union(*sampled) == files
    assert sum(map(len, sampled)) == len(files)
    assert max(map(len, sampled)) < 2 * len(files) / PARTS
