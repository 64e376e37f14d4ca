"""Unusual forms of From, from the raw mail to the ticket's requester (AB-09)."""

import pytest

from otklik.tickets.models import Ticket
from tests.cast import Cast
from tests.intake.test_decisions import inject, signed
from tests.postoffice import Sink, letter


def sent_as(value: str, to: str = "accredo@desk.test") -> bytes:
    """Return a letter with exactly this From, unescaped, and with a text of its own."""
    raw = letter(sender="x@x.test", to=to, text=f"Здравствуйте! {value}")
    return raw.replace(b"From: x@x.test", f"From: {value}".encode())


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ('ООО "Север" <info@zavod.test>', "info@zavod.test"),
        ("Ильина, Вера <vera@zavod.test>", "vera@zavod.test"),
        ("Вера <vera@zavod.test> (касса)", "vera@zavod.test"),
        ("vera@zavod.test <vera@zavod.test>", "vera@zavod.test"),
        ("Вера <вера@завод.test>", "вера@xn--80aegj1b.test"),
        ("vera@zavod.test (vera@zavod.test)", "vera@zavod.test"),
        ('"boris@zavod.test" <vera@zavod.test>', "vera@zavod.test"),
        ("=?utf-8?q?boris=40zavod=2Etest?= <vera@zavod.test>", "vera@zavod.test"),
        ("Вера (boris@zavod.test) <vera@zavod.test>", "vera@zavod.test"),
    ],
)
def test_ab_09_who_is_dressed_oddly_is_the_requester(people: Cast, sink: Sink, value: str, address: str) -> None:
    row = inject(sent_as(value))
    requester = Ticket.objects.get(key=row.ticket_key).requester
    assert row.fate == "request" and requester is not None and requester.email == address


def test_ab_09_who_is_dressed_oddly_answers_by_the_signed_address(people: Cast, sink: Sink) -> None:
    to = signed(people.anna, people.ticket)
    for value in (
        "anna@clinic.test <anna@clinic.test>",
        "Петрова, Анна <anna@clinic.test>",
        "anna@clinic.test (anna@clinic.test)",
        '"boris@far.test" <anna@clinic.test>',
    ):
        assert inject(sent_as(value, to), to=to).fate == "comment"


def test_ab_09_nobody_bears_the_address_of_another_as_a_name(people: Cast, sink: Sink) -> None:
    """Such a name is a claim, like those in other fields."""
    for number, (value, name) in enumerate([
        ('"boris@zavod.test" <v0@zavod.test>', ""),
        ('"Вера (boris@zavod.test)" <v1@zavod.test>', "Вера"),
        ('"Вера / boris@zavod.test" <v2@zavod.test>', "Вера"),
        ('"v3@zavod.test" <v3@zavod.test>', "v3@zavod.test"),
    ]):  # fmt: skip
        ticket = Ticket.objects.get(key=inject(sent_as(value)).ticket_key)
        assert ticket.requester is not None and ticket.requester.email == f"v{number}@zavod.test"
        assert ticket.requester.display_name == (name or f"v{number}")
        claims = [one["address"] for one in ticket.messages.get().claims]
        assert claims == ([] if number == 3 else ["boris@zavod.test"])
