"""Runs of the page benchmark side by side."""

import json
from pathlib import Path
from typing import Any

from otklik.cli.refusals import CliRefusal
from otklik.core.errors import UnableTo

Rows = list[dict[str, Any]]


def save(rows: Rows, file: Path) -> None:
    """Write a run for `load`, without pages that failed."""
    rows = [measure for measure in rows if measure["cpu_ms"] is not None]
    file.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")


def load(file: Path) -> Rows:
    """Return a saved run. Raises UnableTo if the file is not one."""
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(rows, list) and all(
            isinstance(measure["page"], str) and measure["cpu_ms"] >= 0 for measure in rows
        ):
            return rows
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UnableTo(CliRefusal.BENCH_RUN_UNREADABLE, file=file, error=error) from error
    raise UnableTo(CliRefusal.BENCH_NO_RUN, file=file)


def compared(now: Rows, before: Rows) -> Rows:
    """Compare the pages of both runs: CPU time before and now, and their ratio corrected for the machine's speed.

    The speed is that of the yardstick measured with each page (`cpu.yardstick_ms`), so runs at different hours are
    comparable; a ratio between 0.95 and 1.05 is noise. Raises UnableTo if the numbers of tickets or clients differ.
    """
    earlier = {measure["page"]: measure for measure in before}
    pairs = [(measure, earlier[measure["page"]]) for measure in now if _is_in(earlier, measure)]
    if any(measure["tickets"] != old["tickets"] or measure["clients"] != old["clients"] for measure, old in pairs):
        raise UnableTo(CliRefusal.BENCH_NOT_COMPARABLE)
    return [_pair(measure, old) for measure, old in pairs]


def _is_in(earlier: dict[str, Any], measure: dict[str, Any]) -> bool:
    return measure["page"] in earlier and measure["cpu_ms"] is not None


def _pair(measure: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    slower = measure["yardstick_ms"] / old["yardstick_ms"]
    return {
        "page": measure["page"],
        "cpu_before_ms": old["cpu_ms"],
        "cpu_ms": measure["cpu_ms"],
        "machine": round(slower, 2),
        "ratio": round(measure["cpu_ms"] / old["cpu_ms"] / slower, 2),
        "statements_before": old["statements"],
        "statements": measure["statements"],
        "p50_before_ms": old["p50_ms"],
        "p50_ms": measure["p50_ms"],
    }
