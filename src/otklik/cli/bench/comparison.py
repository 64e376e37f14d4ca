"""Runs of the page benchmark side by side."""

import json
from pathlib import Path
from typing import Any

from otklik.cli.refusals import CliRefusal
from otklik.core.errors import UnableTo

Rows = list[dict[str, Any]]


def save(rows: Rows, file: Path) -> None:
    """Write a run where `load` finds it."""
    file.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")


def load(file: Path) -> Rows:
    """A run that was saved. Raises UnableTo for a file that is none."""
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(rows, list) and all(isinstance(row["page"], str) and row["cpu_ms"] >= 0 for row in rows):
            return rows
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UnableTo(CliRefusal.BENCH_RUN_UNREADABLE, file=file, error=error) from error
    raise UnableTo(CliRefusal.BENCH_NO_RUN, file=file)


def compared(now: Rows, before: Rows) -> Rows:
    """Each page of both runs: CPU time then and now, and their ratio as it would be on a machine of the same speed.

    The speed is that of the yardstick beside each page (`cpu.yardstick_ms`), so that two runs of different hours can be
    compared; a ratio within 0.95 and 1.05 says nothing. Raises UnableTo when another number of tickets was measured.
    """
    earlier = {row["page"]: row for row in before}
    pairs = [(row, earlier[row["page"]]) for row in now if row["page"] in earlier]
    if any(row["tickets"] != old["tickets"] or row["clients"] != old["clients"] for row, old in pairs):
        raise UnableTo(CliRefusal.BENCH_NOT_COMPARABLE)
    return [_pair(row, old) for row, old in pairs]


def _pair(row: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    slower = row["yardstick_ms"] / old["yardstick_ms"]
    return {
        "page": row["page"],
        "cpu_before_ms": old["cpu_ms"],
        "cpu_ms": row["cpu_ms"],
        "machine": round(slower, 2),
        "ratio": round(row["cpu_ms"] / old["cpu_ms"] / slower, 2),
        "statements_before": old["statements"],
        "statements": row["statements"],
        "p50_before_ms": old["p50_ms"],
        "p50_ms": row["p50_ms"],
    }
