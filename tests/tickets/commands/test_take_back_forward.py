"""`take_back_forward` undoes a forward while its mail waits."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from otklik.journal.models import Event
from otklik.mail.models import OutboundMail
from otklik.notify.plan import plan_mails
from otklik.people.actor import Actor
from otklik.tickets.commands.forward import take_back_forward
from otklik.tickets.models import Forward, Message
from tests.acting import LATER, by, tells
from tests.cast import Cast
from tests.refusing import refused_as
from tests.tickets.commands.test_forward_message import sent


def taken_back(made: Forward, cast: Cast, seconds: float, **more: object) -> Message:
    at = LATER + timedelta(seconds=seconds)
    return take_back_forward(**{**by(cast.agent), "at": at, "forward": made} | more)  # type: ignore[arg-type]


@pytest.fixture
def ten_seconds(settings: Settings) -> None:
    settings.HOLD_SECONDS = 10


def test_what_was_forwarded_can_be_taken_back_as_long_as_a_reply(cast: Cast, ten_seconds: None) -> None:
    made = sent(cast)
    with tells("ticket.forward_taken_back"):
        taken_back(made, cast, 9)
    note = Message.objects.get(pk=made.message_id)
    assert (note.text, note.quoted, note.withdrawn_at) == ("", "", LATER + timedelta(seconds=9))
    assert note.revisions.get().text == "Почините?"
    with tells(), refused_as("ticket.forward_gone"):
        taken_back(made, cast, 9)


def test_nothing_is_taken_back_too_late_or_by_others(cast: Cast, ten_seconds: None, settings: Settings) -> None:
    made = sent(cast)
    with tells(), refused_as("ticket.forward_gone"):
        taken_back(made, cast, 10)
    for who in (cast.anna, cast.stranger, cast.agent_elsewhere):
        with tells(), refused_as("ticket.staff_only"):
            taken_back(made, cast, 1, actor=Actor(who, "agent"))
    settings.HOLD_SECONDS = 0
    with tells(), refused_as("ticket.forward_gone"):
        taken_back(made, cast, 0)
    assert Message.objects.get(pk=made.message_id).withdrawn_at is None


@pytest.mark.parametrize(
    ("mail", "goes"),
    [
        ({"state": "sent"}, True),
        ({"attempts": 1}, True),
        ({"claimed_until": LATER + timedelta(seconds=30)}, True),
        ({}, False),
    ],
)
def test_a_mail_that_a_server_has_cannot_be_taken_back(
    cast: Cast, ten_seconds: None, mail: dict[str, object], goes: bool
) -> None:
    made = sent(cast)
    plan_mails(list(Event.objects.filter(kind="ticket.forwarded")), LATER)
    OutboundMail.objects.filter(about=made.message_id).update(**mail)
    if goes:
        with tells(), refused_as("ticket.forward_gone"):
            taken_back(made, cast, 5)
    else:
        taken_back(made, cast, 5)
        assert OutboundMail.objects.get(about=made.message_id).state == "cancelled"


def test_the_mail_waits_as_long_and_none_is_written_of_what_was_taken_back(cast: Cast, ten_seconds: None) -> None:
    made, other = sent(cast), sent(cast, address="other@supplier.test")
    taken_back(other, cast, 1)
    plan_mails(list(Event.objects.filter(kind="ticket.forwarded")), LATER)
    (mail,) = OutboundMail.objects.filter(kind="forwarded")
    assert (mail.about, mail.retry_at) == (made.message_id, LATER + timedelta(seconds=10))


def test_the_event_of_what_is_taken_back_is_found_by_its_ticket(cast: Cast, ten_seconds: None) -> None:
    made = sent(cast)
    with CaptureQueriesContext(connection) as asked:
        taken_back(made, cast, 1)
    locking = [query["sql"] for query in asked if "FOR UPDATE" in query["sql"] and '"journal_event"' in query["sql"]]
    assert locking and all('"subject_kind" = ' in sql and '"subject_id" = ' in sql for sql in locking)
