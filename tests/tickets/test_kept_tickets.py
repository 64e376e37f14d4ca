"""Files uploaded before their form is sent: the page has a signed reference to each."""

import time

import pytest
from django.core import signing

from otklik.tickets.answers.files import GOOD_FOR, kept_file, taken_again
from otklik.tickets.content import NewFile

FILE = NewFile(name="акт.pdf", content_type="application/pdf", size=3, digest="a" * 64)
DAY = 24 * 3600


def ticket(monkeypatch: pytest.MonkeyPatch, age: int = 0) -> str:
    """Return the signed reference to a file that the owner "mine" uploaded `age` seconds ago."""
    made_at = signing.b62_encode(int(time.time()) - age)
    with monkeypatch.context() as patched:
        patched.setattr(signing.TimestampSigner, "timestamp", lambda _: made_at)
        return kept_file(FILE, "mine").ticket


def test_ab_45_a_file_is_taken_again_for_whoever_uploaded_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    good = ticket(monkeypatch)
    forged = good[:-1] + ("A" if good[-1] != "A" else "B")
    assert taken_again([forged, "", good], "mine") == [FILE]
    assert taken_again([good], "theirs") == taken_again([good], "") == []


def test_a_file_is_kept_for_two_weeks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert GOOD_FOR == 14 * DAY, "as long as the store keeps what no row names (worker.unused_files)"
    assert taken_again([ticket(monkeypatch, 14 * DAY - 60)], "mine") == [FILE]
    assert taken_again([ticket(monkeypatch, 14 * DAY + 60)], "mine") == []
