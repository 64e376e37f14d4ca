"""Cause and batch of recorded events."""

from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone

from otklik.journal.events import classes, typed
from otklik.journal.models import Event
from otklik.journal.record import By, record
from otklik.people.actor import Actor, system
from otklik.tickets.events import TicketMuted
from tests.cast import Cast


def tell(by: By) -> Event:
    record(TicketMuted(key="ACCREDO-1"), about=1, by=by, at=timezone.now())
    return Event.objects.latest("id")


def test_what_somebody_does_follows_from_nothing(cast: Cast) -> None:
    event = tell(Actor(cast.agent, "agent"))
    assert (event.cause_id, event.depth, event.batch_id) == (None, 0, None)
    assert (event.actor, event.actor_id, event.via) == ("Глеб Орлов <agent@desk.test>", cast.agent.pk, "agent")


@pytest.mark.django_db
def test_reactions_name_what_they_follow_from_and_how_far_that_goes() -> None:
    first = tell(system("mail"))
    second = tell(system(cause=first))
    third = tell(system(cause=second))
    assert [(event.cause_id, event.depth) for event in (second, third)] == [(first.pk, 1), (second.pk, 2)]


def test_acts_of_one_press_have_one_batch_and_so_have_their_reactions(cast: Cast) -> None:
    batch = uuid4()
    acts = [tell(Actor(cast.agent, "agent", batch=batch)) for _ in range(2)]
    assert [event.batch_id for event in (*acts, tell(system(cause=acts[0])))] == [batch] * 3


@pytest.mark.parametrize("kind", sorted(classes()))
def test_an_event_that_lacks_what_came_later_can_be_read(kind: str) -> None:
    assert type(typed(kind, {})) is classes()[kind]


@pytest.mark.django_db
def test_an_upgrade_reads_no_event_again_while_everybody_waits() -> None:
    """Adding a check constraint validates every row under a lock that blocks all readers."""
    written = StringIO()
    call_command("sqlmigrate", "journal", "0003", stdout=written)
    assert "failed_at" in written.getvalue() and "CHECK" not in written.getvalue()
