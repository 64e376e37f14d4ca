"""The picture of the architecture, its text and the import rules agree."""

import ast
import re
import tomllib
from pathlib import Path

from tools.house import PICTURE, TEXT, drawn, floors

ROOT = Path(__file__).parents[1]


def test_the_picture_is_made_from_the_text_as_it_stands() -> None:
    assert PICTURE.read_text("utf-8") == drawn(floors(TEXT.read_text("utf-8"))), "run tools/house.py"


def test_the_text_lists_the_floors_that_imports_keep_to() -> None:
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (layers,) = (rule["layers"] for rule in rules if rule["type"] == "layers")
    listed = [floor.packages for floor in floors(TEXT.read_text("utf-8"))]
    assert listed == [tuple(re.split(r" [|:] ", layer)) for layer in layers]


# Below the faces, words stand in these modules only: what mails, notes and lines of the timeline say, and what Django's
# own forms and validators have to say themselves.
WORDED = {
    "core": {"errors", "file_sizes", "date_inputs", "humanized_time"},
    "mail": {"late_notice", "reasons", "secret_scan"},
    "people": {"passwords"},
    "tickets": {
        "answers/choices",
        "answers/files",
        "answers/form",
        "answers/field_types",
        "event_lines",
        "link_words",
        "note_texts",
        "impersonation",
    },
    "intake": {"apply", "content"},
    "notify": {"account_adapter", "account_mails", "account_texts", "mfa_adapter", "rendering", "ticket_texts"},
    "privacy": {"erase"},
}


_GETTEXT = {"gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy", "npgettext"}


def translates(path: Path) -> bool:
    imports = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
    names = {alias.name for node in imports if node.module == "django.utils.translation" for alias in node.names}
    return bool(names & _GETTEXT)


def test_below_the_faces_words_stand_in_few_modules_and_in_no_command() -> None:
    for package in ("core", "journal", "people", "mail", "desks", "tickets", "intake", "notify", "privacy"):
        room = ROOT / "src" / "otklik" / package
        modules = {str(path.relative_to(room).with_suffix("")) for path in room.rglob("*.py") if translates(path)}
        worded = {name for name in modules if not name.startswith("texts/")}
        assert worded == WORDED.get(package, set()), package
        assert not {name for name in modules if name.startswith("commands/")}


def test_tests_run_coroutines_in_a_thread_of_their_own() -> None:
    """After a browser test the main thread has a running event loop, so `asyncio.run` fails there in some orders."""
    root = Path(__file__).parent
    alone = [p for p in root.rglob("*.py") if "asyncio.run(" in p.read_text("utf-8") and p != Path(__file__)]
    assert [str(p.relative_to(root)) for p in alone] == []
