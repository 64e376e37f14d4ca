"""DKIM signing: for which domains, and so that nothing can be added on the way."""

from collections.abc import Iterator

import dkim
import pytest
from django.utils import timezone

from otklik.mail import dkim_sign
from otklik.mail.models import DkimKey
from tests.postoffice import letter


@pytest.fixture(params=list(DkimKey.Algorithm.values))
def record(db: None, request: pytest.FixtureRequest) -> Iterator[bytes]:
    """Yield the published DNS record of example.org's key."""
    dkim_sign.make_key(domain="example.org", selector="k1", algorithm=request.param, at=timezone.now())
    yield dkim_sign.record_of(dkim_sign.all_signers()[0])[1].encode()
    dkim_sign.forget()


def is_good(raw: bytes, record: bytes) -> bool:
    return bool(dkim.verify(raw, dnsfunc=lambda name, timeout=0: record))


@pytest.mark.parametrize(
    ("sender", "is_signed"),
    [
        ("help@example.org", True),
        ("help@desk.example.org", True),
        ("help@notexample.org", False),
        ("help@example.org.evil.test", False),
        ("help@org", False),
    ],
)
def test_a_key_signs_for_its_domain_and_those_below(record: bytes, sender: str, is_signed: bool) -> None:
    raw = letter(sender=sender)
    made = dkim_sign.signed(raw, sender)
    assert made.endswith(raw) and (made != raw) is is_signed
    assert not is_signed or is_good(made, record)


ADDED = ["From: evil@x.test", "Subject: y", "Reply-To: evil@x.test", "List-Unsubscribe: <https://x.test>"]


@pytest.mark.parametrize("line", [*ADDED, "In-Reply-To: <x@y>", "References: <x@y>", "Auto-Submitted: no"])
def test_nothing_is_added_to_what_we_signed(record: bytes, line: str) -> None:
    made = dkim_sign.signed(letter(sender="help@example.org"), "help@example.org")
    assert is_good(made, record) and is_good(b"Received: from a by b\n" + made, record)
    assert not is_good(line.encode() + b"\n" + made, record)
    assert not is_good(made.replace(b"\n\n", b"\n" + line.encode() + b"\n\n", 1), record)


def test_the_body_and_its_type_are_signed(record: bytes) -> None:
    made = dkim_sign.signed(letter(sender="help@example.org", text="words"), "help@example.org")
    for old, new in ((b"words", b"sword"), (b"text/plain", b"text/html"), (b"Date: Mon", b"Date: Tue")):
        assert is_good(made, record) and old in made and not is_good(made.replace(old, new), record), old
