"""Print lines, tables and JSON on standard output."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any


def say(line: str) -> None:
    """Print one line on standard output."""
    sys.stdout.write(f"{line}\n")


def say_table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows as a table with a heading; without rows print nothing. All rows must have the first one's columns.

    Columns that are not text in the first row are right-aligned; None is printed as a dash.
    """
    if not rows:
        return
    cells = [list(rows[0]), *(["-" if value is None else str(value) for value in line.values()] for line in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    right = [not isinstance(value, str) for value in rows[0].values()]
    for line in cells:
        parts = zip(line, widths, right, strict=True)
        say("  ".join(cell.rjust(width) if is_right else cell.ljust(width) for cell, width, is_right in parts).rstrip())


def as_json(value: Any) -> None:
    """Print a value as indented JSON: Cyrillic unescaped, dates and times in ISO 8601."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=lambda moment: moment.isoformat()))
    sys.stdout.write("\n")
