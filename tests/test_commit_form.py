"""tools/check_commits.py checks the form of commit messages."""

import pytest

from tools.check_commits import faults


@pytest.mark.parametrize(
    ("message", "wrong"),
    [
        ("A reply that waits is released once", ""),
        ("A reply that waits is released once\n\nTwo workers took it.", ""),
        ("A" * 36 + " b " + "c" * 33, ""),
        ("A" * 36 + " b " + "c" * 34, "73 characters"),
        ("x", "says nothing"),
        ("A reply that waits is released.", "full stop"),
        ("A reply that waits is released\nTwo workers took it.", "empty line"),
    ],
)
def test_faults_of_a_message_are_named(message: str, wrong: str) -> None:
    found = faults(message)
    assert [wrong in fault for fault in found] == ([True] if wrong else [])
