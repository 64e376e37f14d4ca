"""`move_back` moves a ticket back and restores its former values."""

from uuid import uuid4

import pytest

from otklik.desks.commands.create import set_role
from otklik.journal.models import Event
from otklik.people.actor import Actor, system
from otklik.people.models import Person
from otklik.tickets.commands.fields import assign, change_priority
from otklik.tickets.commands.move import COLUMNS, move_back, move_ticket
from otklik.tickets.models import Ticket
from otklik.tickets.move_events import TicketMoved
from tests.acting import LATER, by, refuses, tells
from tests.cast import START, Cast
from tests.tickets.commands.parts import asked


@pytest.fixture
def mover(cast: Cast) -> Person:
    """Return the lead, who works at both desks."""
    set_role(actor=system("cli"), at=START, desk=cast.other_desk, person=cast.lead, role="agent")
    return cast.lead


def moved(cast: Cast, mover: Person) -> dict[str, object]:
    """Move the ticket; return its former values."""
    ticket = Ticket.objects.get(pk=cast.ticket.pk)
    return dict(move_ticket(**by(mover), ticket=ticket, desk=cast.other_desk, request_type=None).before)


def test_everything_stands_as_before(cast: Cast, mover: Person) -> None:
    low = cast.desk.priorities.get(name="Низкий")
    low.name, low.level = "Совсем низкий", 77  # no desk has one like it
    low.save()
    change_priority(**by(cast.agent), ticket=cast.ticket, priority=low)
    assign(**by(cast.agent), ticket=cast.ticket, assignee=cast.agent)
    before = moved(cast, mover)
    with tells("ticket.moved"):
        move_back(**by(mover), ticket=cast.ticket, before=before)
    ticket = Ticket.objects.get(pk=cast.ticket.pk)
    assert ticket.key == "ACCREDO-1"
    assert {column: getattr(ticket, column) for column in COLUMNS} | {"asked": []} == before
    told = Event.objects.filter(kind="ticket.moved").order_by("-id")[0].typed
    assert isinstance(told, TicketMoved) and told.taken_back


def test_what_was_changed_since_goes_along(cast: Cast, mover: Person) -> None:
    before = moved(cast, mover)
    ticket = Ticket.objects.get(pk=cast.ticket.pk)
    version = ticket.version
    high = cast.other_desk.priorities.get(name="Высокий")
    change_priority(**by(mover), ticket=ticket, priority=high)
    back = move_back(**by(mover), ticket=ticket, before=before, version=version)
    assert (back.key, back.priority.name, back.priority.desk) == ("ACCREDO-1", "Высокий", cast.desk)


def test_who_has_left_the_desk_meanwhile_does_not_get_it_back(cast: Cast, mover: Person) -> None:
    assign(**by(cast.agent), ticket=cast.ticket, assignee=cast.agent)
    before = moved(cast, mover)
    cast.agent.memberships.all().delete()
    assert move_back(**by(mover), ticket=cast.ticket, before=before).assignee is None


def test_a_desk_that_is_gone_and_a_question_that_waits_are_refused(cast: Cast, mover: Person) -> None:
    before = moved(cast, mover)
    with refuses("ticket.former_value_gone"):
        move_back(**by(mover), ticket=cast.ticket, before={**before, "desk_id": 987_654})
    with refuses("ticket.staff_only"):
        move_back(**by(cast.agent), ticket=cast.ticket, before=before)
    ticket = Ticket.objects.get(pk=cast.ticket.pk)
    set_role(actor=system("cli"), at=START, desk=cast.other_desk, person=cast.agent, role="agent")
    cast.ticket.refresh_from_db()
    asked(cast)
    with refuses("ticket.moved_awaits_approval"):
        move_back(**by(mover), ticket=ticket, before=before)


@pytest.mark.parametrize("told", [0, 1, 2])
def test_a_way_back_is_quiet_where_nobody_was_told_of_anything_of_the_move(
    cast: Cast, mover: Person, told: int
) -> None:
    """People who got a mail about the move must learn that it no longer holds."""
    together = {**by(mover), "actor": Actor(mover, "agent", batch=uuid4())}
    ticket = Ticket.objects.get(pk=cast.ticket.pk)
    moved = move_ticket(**together, ticket=ticket, desk=cast.other_desk, request_type=None)
    change_priority(**together, ticket=moved.ticket, priority=cast.other_desk.priorities.get(name="Высокий"))
    batch = together["actor"].batch
    events = Event.objects.filter(batch_id=batch).order_by("id")
    assert events.count() == 2
    Event.objects.filter(pk__in=[event.pk for event in events[:told]]).update(dispatched_at=LATER)
    move_back(**by(mover), ticket=moved.ticket, before=moved.before, batch=batch)
    back = Event.objects.filter(kind="ticket.moved").latest("id").typed
    assert isinstance(back, TicketMoved) and back.quiet is (told == 0)
    assert not Event.objects.filter(batch_id=batch, dispatched_at=None).exists()
