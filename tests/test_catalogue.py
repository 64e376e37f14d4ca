"""Every case in docs/security-cases.md names its tests, or the reason for having none."""

import re
from pathlib import Path

TESTS = Path(__file__).parent
TABLE = TESTS.parent / "docs" / "security-cases.md"
NAMES = re.compile(r"^def test_ab_(\d+)(?:_and_(\d+))?_", re.MULTILINE)


def lines() -> list[tuple[int, str]]:
    """Return the case number and the last column of each row."""
    found = re.findall(r"^\| (\d+) \| P\d \| .* \| (.*) \|$", TABLE.read_text("utf-8"), re.MULTILINE)
    return [(int(number), cell) for number, cell in found]


def rows() -> dict[int, str]:
    """Map case numbers to the last column of their row."""
    return dict(lines())


def files_by_case() -> dict[int, set[str]]:
    """Map case numbers to the files with their tests."""
    found: dict[int, set[str]] = {}
    for file in TESTS.rglob("test_*.py"):
        for numbers in NAMES.findall(file.read_text("utf-8")):
            for number in filter(None, numbers):
                found.setdefault(int(number), set()).add(str(file.relative_to(TESTS)))
    return found


def test_every_case_stands_in_the_table_once() -> None:
    assert [number for number, _cell in lines()] == list(range(1, 106))


def test_the_table_names_tests_that_there_are() -> None:
    known = files_by_case()
    for number, cell in rows().items():
        assert set(re.findall(r"`([^`]+\.py)`", cell)) <= known.get(number, set()), f"AB-{number:02}"
        assert cell.startswith("—") is (number not in known), f"AB-{number:02}"
