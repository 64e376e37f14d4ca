"""Flaky browser and server tests are retried and named; others are not (ADR 115)."""

import subprocess
import sys
from pathlib import Path

from tests.second_try import AT_MOST

_CHANCE = """
import pytest
tried = set()

def by_chance(name):
    first = name not in tried
    tried.add(name)
    assert not first
"""


def _run(tmp_path: Path, tests: str) -> tuple[int, str]:
    (tmp_path / "test_it.py").write_text(_CHANCE + tests)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  browser: x\n  services: x\n")
    repository = Path(__file__).parents[1]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.second_try",
        "-p",
        "no:django",
        "-n",
        "1",
        "-q",
        str(tmp_path),
    ]
    ran = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout


def _test(number: int, *, marker: str = "") -> str:
    return f"\n{marker}\ndef test_{number}():\n    by_chance({number})\n"


def test_a_lost_race_is_tried_again_and_named(tmp_path: Path) -> None:
    code, report = _run(tmp_path, _test(1, marker="@pytest.mark.browser") + _test(2, marker="@pytest.mark.services"))
    assert code == 0, report
    named = report.split("tried twice", 1)[1]
    assert "test_it.py::test_1" in named and "test_it.py::test_2" in named


def test_what_fails_twice_fails(tmp_path: Path) -> None:
    code, report = _run(tmp_path, "\n@pytest.mark.browser\ndef test_broken():\n    assert False\n")
    assert code == 1 and "1 failed" in report, report


def test_others_are_tried_once(tmp_path: Path) -> None:
    code, report = _run(tmp_path, _test(1))
    assert code == 1 and "rerun" not in report, report


def test_more_than_a_few_are_no_chance(tmp_path: Path) -> None:
    code, report = _run(tmp_path, "".join(_test(n, marker="@pytest.mark.browser") for n in range(AT_MOST + 1)))
    assert code == 1 and f"{AT_MOST + 1} passed" in report, report
