"""Writes docs/refusals.md: every code with which a command refuses, and its meaning."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from otklik.core.errors import Refusal

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "refusals.md"
_VALUE = re.compile(r"%\((\w+)\)(?:\.0)?[rsdf]")
_HEAD = (
    "# What Otklik refuses, and under which code\n\n"
    "A command that cannot do what it was asked raises `UnableTo…` with one of these codes "
    "([ADR 99](adr/0099-a-refusal-is-a-code.md)). A code\nkeeps its meaning for good; the words are only what people "
    "read, in their language, and may change. What stands in braces is given with the code.\n"
    "Written by `tools/refusals.py`.\n"
)


def tables() -> Iterator[type[Refusal]]:
    """Yield every package's table of refusals, ordered by package."""
    source = ROOT / "src"
    for path in sorted((source / "otklik").rglob("refusals.py")):
        module = importlib.import_module(".".join(path.relative_to(source).with_suffix("").parts))
        yield from (table for table in Refusal.__subclasses__() if table.__module__ == module.__name__)


def page() -> str:
    """Return the text of docs/refusals.md."""
    return _HEAD + "".join(_part(table) for table in tables())


def _part(table: type[Refusal]) -> str:
    rows = (f"| `{refusal.code}` | {_VALUE.sub(_braces, refusal.value)} |\n" for refusal in table)
    return f"\n## {table.__module__.split('.')[-2]}\n\n| code | what it means |\n| --- | --- |\n{''.join(rows)}"


def _braces(value: re.Match[str]) -> str:
    return f"{{{value[1]}}}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
