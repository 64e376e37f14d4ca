"""Estimate how many mails an act would send, before it is done."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from otklik.core.batch_cache import remembering
from otklik.journal.events import TypedEvent
from otklik.journal.models import Event
from otklik.journal.record import build_event
from otklik.notify.digest_choice import at_once
from otklik.notify.event_context import EventContext, contexts
from otklik.notify.rules import FOR_AGENTS, RULES
from otklik.notify.texts.mail_kinds import BY_NAME
from otklik.notify.texts.overrides import is_sent
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.models import Message, Participant, Ticket

_ASKED = "approval_asked"


@dataclass(frozen=True, slots=True)
class Forecast:
    """The number of mails sent at once, and of different customers and staff who get them."""

    mails: int
    customers: int
    staff: int


class Foreseen(Protocol):
    """What the forecast needs of an action (tickets.bulk.acts.Act)."""

    def apply(self, actor: Actor, ticket: Ticket) -> TypedEvent | None:
        """Change the object as the action would, and return the event that it would record."""

    def message(self, actor: Actor, ticket: Ticket, at: datetime) -> Message | None:
        """Return the message that it would post."""

    def joining(self, ticket: Ticket) -> Participant | None:
        """The participant whom the action would add to the ticket."""

    def asked(self, ticket: Ticket) -> Sequence[Person]:
        """The people whom the action would ask for approval."""


def forecast(tickets: Sequence[Ticket], act: Foreseen, actor: Actor, at: datetime) -> Forecast:
    """Return what notify.plan would send if the actor performed the action on these tickets now. Writes nothing.

    Includes mails that budgets would hold back; excludes those that go into daily mails.
    """
    mails, customers, staff = 0, set[int](), set[int]()
    with remembering():
        for context in _contexts(tickets, act, actor, at):
            for person, template in [*_told(context), *_asked(context, act)]:
                mails += 1
                (staff if template in FOR_AGENTS else customers).add(person)
    return Forecast(mails, len(customers), len(staff))


def held_tell(batch: UUID) -> bool:
    """Return whether pending events of this batch will cause a mail that is sent at once.

    The number of queries does not depend on the number of events.
    """
    waiting = Event.objects.filter(batch_id=batch, dispatched_at=None).order_by("id")
    events = [event for event in waiting if any(rule.fits(event.typed) for rule in RULES)]
    if not events:
        return False
    with remembering():
        return any(_told(context) for context in contexts(events) if not context.imported)


def _contexts(tickets: Sequence[Ticket], act: Foreseen, actor: Actor, at: datetime) -> list[EventContext]:
    applied = [(ticket, act.apply(actor, ticket)) for ticket in tickets]
    events = [build_event(told, about=ticket.pk, by=actor, at=at) for ticket, told in applied if told is not None]
    present = {ticket.pk: ticket for ticket in tickets}
    return [_with(context, present[context.ticket.pk], act, actor, at) for context in contexts(events)]


def _with(context: EventContext, changed: Ticket, act: Foreseen, actor: Actor, at: datetime) -> EventContext:
    """Return the context as it will be after the action."""
    context.ticket.assignee_id, context.ticket.status = changed.assignee_id, changed.status
    context.ticket.desk = changed.desk
    joining = act.joining(context.ticket)
    people = [*context.participants, *([joining] if joining is not None else [])]
    return replace(context, row=act.message(actor, context.ticket, at), participants=people)


def _told(context: EventContext) -> list[tuple[int, str]]:
    """(person id, kind of mail) of the mails that an event would cause, one for each person."""
    told: dict[int, str] = {}
    for rule in RULES:
        if not rule.fits(context.event.typed):
            continue
        for recipient in rule.audience(context):
            told.setdefault(
                recipient.person.pk, rule.template if _goes(rule.template, context, recipient.person) else ""
            )
    return [(person, template) for person, template in told.items() if template]


def _asked(context: EventContext, act: Foreseen) -> list[tuple[int, str]]:
    """People who would get a mail because the action asks for their approval."""
    people = [person for person in act.asked(context.ticket) if person.email]
    return [(person.pk, _ASKED) for person in people if _goes(_ASKED, context, person)]


def _goes(template: str, context: EventContext, person: Person) -> bool:
    return is_sent(context.ticket.desk, BY_NAME[template]) and bool(at_once(template, context, person))
