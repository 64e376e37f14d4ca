"""One address in From is somebody, however it is dressed: by the whole way to the request (AB-09)."""

import pytest

from otklik.tickets.models import Ticket
from tests.cast import Cast
from tests.intake.test_decisions import inject, signed
from tests.postoffice import Sink, letter


def sent_as(value: str, to: str = "accredo@desk.test") -> bytes:
    """A letter with this very From, not as a library would write it."""
    raw = letter(sender="x@x.test", to=to)
    return raw.replace(b"From: x@x.test", f"From: {value}".encode())


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ('ООО "Север" <info@zavod.test>', "info@zavod.test"),
        ("Ильина, Вера <vera@zavod.test>", "vera@zavod.test"),
        ("Вера <vera@zavod.test> (касса)", "vera@zavod.test"),
        ("vera@zavod.test <vera@zavod.test>", "vera@zavod.test"),
        ("Вера <вера@завод.test>", "вера@xn--80aegj1b.test"),
    ],
)
def test_ab_09_who_is_dressed_oddly_is_the_requester(people: Cast, sink: Sink, value: str, address: str) -> None:
    row = inject(sent_as(value))
    requester = Ticket.objects.get(key=row.ticket_key).requester
    assert row.fate == "request" and requester is not None and requester.email == address


def test_ab_09_who_is_dressed_oddly_answers_by_the_signed_address(people: Cast, sink: Sink) -> None:
    to = signed(people.anna, people.ticket)
    for value in ("anna@clinic.test <anna@clinic.test>", "Петрова, Анна <anna@clinic.test>"):
        assert inject(sent_as(value, to), to=to).fate == "comment"
