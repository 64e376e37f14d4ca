"""Opening a ticket: numbers, people, invalid input."""

import contextlib
import threading
from datetime import timedelta

import pytest
from django.db import connection

from otklik.desks.models import Desk
from otklik.journal.models import Event
from otklik.people.actor import system
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import NumberSequence, Participant, Ticket
from tests.cast import START, Cast, build_cast
from tests.refusing import refused_as


def open_one(desk: Desk, subject: str = "Тема", **more: object) -> Ticket:
    values: dict[str, object] = {
        "actor": system(),
        "at": START + timedelta(hours=1),
        "desk": desk,
        "channel": "mail",
        "subject": subject,
        "words": Words("текст"),
        "requester": None,
    }
    return open_ticket(**{**values, **more})  # type: ignore[arg-type]  # keywords vary by test


def test_ticket_gets_next_number_opening_message_requester_and_one_event(cast: Cast) -> None:
    before = Event.objects.count()
    ticket = open_one(cast.desk, "Вторая", requester=cast.anna)
    assert (ticket.key, ticket.number, ticket.status.name, ticket.priority.name) == (
        "ACCREDO-2", 2, "Открытый", "Стандартный",
    )  # fmt: skip
    assert [(m.opening, m.kind, m.text) for m in ticket.messages.all()] == [(True, "public", "текст")]
    assert list(Participant.objects.filter(ticket=ticket).values_list("person", "sees_from")) == [(cast.anna.pk, None)]
    assert Event.objects.count() == before + 1


def test_each_desk_counts_for_itself(cast: Cast) -> None:
    assert [open_one(cast.desk).key, open_one(cast.other_desk).key] == ["ACCREDO-2", "OTHER-1"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  две\r\nстроки\t и  пробелы ", "две строки и пробелы"),
        ("", "(без темы)"),
        ("\u200b\u202e", "(без темы)"),
        ("врач 👩\u200d⚕️, ноль\u200bширины", "врач 👩\u200d⚕️, ноль\u200bширины"),
        ("наи\u00adмено\u202eвание", "наи\u00adменование"),
        ("я" * 500, "я" * 300),
    ],
)
def test_subject_is_one_printable_line(cast: Cast, given: str, kept: str) -> None:
    assert open_one(cast.desk, given).subject == kept


def test_type_of_another_desk_is_refused_and_takes_no_number(cast: Cast) -> None:
    foreign = cast.other_desk.request_types.order_by("id")[0]
    with refused_as("ticket.type_of_other_desk"):
        open_one(cast.desk, request_type=foreign)
    assert NumberSequence.objects.get(desk=cast.desk).last == 1


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gaps_and_no_doubles_when_many_open_at_once() -> None:
    desk = build_cast().desk

    def work() -> None:
        for turn in range(10):
            # Every tenth one fails after its number was taken.
            with contextlib.suppress(ValueError):
                open_one(desk, requester="not a person" if turn == 5 else None)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(Ticket.objects.filter(desk=desk).values_list("number", flat=True)) == list(range(1, 1 + 1 + 6 * 9))
