"""What the documents refer to exists: pages, headings, files, settings, decisions."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMES = [str(document.relative_to(ROOT)) for document in DOCUMENTS]
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)]*))?\)")
CODE = re.compile(r"`[^`\n]+`")
FILE = re.compile(r"[\w.-]+(?:/[\w.-]+)+\.(?:py|md|txt|toml|js|css|html|cjs|sh|po)\b")
# Made when files are collected, and what is to come.
NOT_KEPT = re.compile(r"^(bundles|sla)/")
SETTING = re.compile(r'(?:env\.\w+|values\.\w+|environ\.get)\(\s*"((?:OTKLIK|DATABASE)_\w+)"')


def words_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def headings(page: Path) -> set[str]:
    """Return the anchors of a page's headings."""
    found = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in found}


@pytest.mark.parametrize("name", NAMES)
def test_every_link_of_a_document_leads_somewhere(name: str) -> None:
    for target, heading in LINK.findall(CODE.sub("", words_of(name))):
        if target.startswith("http"):
            continue
        page = (ROOT / name).parent / target if target else ROOT / name
        assert page.exists(), target
        assert not heading or heading in headings(page), f"{target}#{heading}"


def kept_files() -> str:
    """Return every file of the repository, one per line, each with a leading slash."""
    folders = ("src", "tests", "docs", "tools")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.*")]
    return "\n".join(f"/{path.relative_to(ROOT)}" for path in files) + "\n"


def test_every_file_that_a_document_names_is_there() -> None:
    files = kept_files()
    for name in NAMES:
        named = {file.lstrip("./") for code in CODE.findall(words_of(name)) for file in FILE.findall(code)}
        missing = [file for file in named if f"/{file}\n" not in files and not NOT_KEPT.match(file)]
        assert not missing, name


def settings_read() -> Iterator[str]:
    for path in (ROOT / "src").rglob("*.py"):
        yield from SETTING.findall(path.read_text("utf-8"))


def test_every_setting_stands_in_the_table_and_nothing_else() -> None:
    rows = re.findall(r"^\| (`.*?) \|", words_of("docs/settings.md"), re.MULTILINE)
    listed = {one for row in rows for one in re.findall(r"`(\w+)`", row)}
    assert listed == set(settings_read()) - {"OTKLIK_TEST_HOME"}


def test_every_decision_stands_in_the_list() -> None:
    listed = re.findall(r"^- (\d+): \[(.*)\]\((.*)\)$", words_of("docs/adr/README.md"), re.MULTILINE)
    kept = sorted((ROOT / "docs" / "adr").glob("0*.md"))
    assert listed == [
        (str(int(one.name[:4])), one.read_text("utf-8").split(". ", 1)[1].split("\n")[0], one.name) for one in kept
    ]


def test_pictures_in_the_tree_are_few_small_and_shown() -> None:
    """A clone downloads every picture ever committed; tools/screens.py makes the others locally."""
    kept = [path for path in (ROOT / "docs").rglob("*") if path.suffix in {".png", ".jpg", ".gif", ".webp"}]
    shown = {(ROOT / name).parent / target for name in NAMES for target, _ in LINK.findall(words_of(name))}
    assert len(kept) <= 6 and set(kept) == {path.resolve() for path in shown if path.suffix == ".webp"}
    assert all(path.suffix == ".webp" and path.stat().st_size < 60_000 for path in kept)
