"""Move a ticket along the transition table."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from otklik.desks.access import is_agent
from otklik.desks.models import Resolution, Status, Transition
from otklik.desks.queries import default_resolution, first_status, transitions_from
from otklik.mail.models import InboundMail
from otklik.people.actor import Actor
from otklik.tickets.access import is_agent_of
from otklik.tickets.commands.base import Seen, UnableToChange, locked, require_involved, tell, touch, write_message
from otklik.tickets.content import NewFile, Words, harmless
from otklik.tickets.events import StatusChanged, TicketCommented
from otklik.tickets.models import Message, Ticket
from otklik.tickets.new_files import searched_files
from otklik.tickets.refusals import TicketRefusal


def change_status(
    *,
    actor: Actor,
    at: datetime,
    ticket: Ticket,
    transition: Transition,
    words: Words | None = None,
    files: Sequence[NewFile] = (),
    inbound: InboundMail | None = None,
    why: str = "",
    left_out: Sequence[int] = (),
    as_customer: bool = False,
    seen: Seen | None = None,
) -> Ticket:
    """Perform a transition, with a public message if given: one step, one event, one mail.

    A transition with `assigns` assigns an unassigned ticket to the acting agent. `inbound`, `why`: the mail that asked
    for it; `left_out`: ids of people who get no mail of the message. `as_customer`: allow the customers' transitions
    only, whoever acts. Raises UnableToChange: not allowed from this status or to this actor; ChangedMeanwhile as
    `locked` does for `seen`.
    """
    words, files = harmless(words) if words else None, searched_files(files)
    with transaction.atomic():
        ticket = locked(ticket, seen, actor)
        require_involved(actor, ticket)
        allowed = customer_transitions(ticket) if as_customer else allowed_transitions(actor, ticket)
        if transition.pk not in {transition.pk for transition in allowed}:
            raise UnableToChange(TicketRefusal.TRANSITION_NOT_ALLOWED, act=transition.name, status=ticket.status.name)
        before = ticket.status.name
        message = _said(ticket, actor, at, words, files, inbound=inbound, why=why, left_out=left_out)
        set_status(ticket, transition.target, at, transition.resolution)
        if actor.id is not None:
            ticket.undelivered_at = None
        assigned = _assigned(ticket, actor, transition, as_customer=as_customer)
        touch(ticket, at, "undelivered_at", "assignee")
        after, category = ticket.status.name, ticket.status.category
        step = StatusChanged(
            before=before, after=after, category=category, closed=ticket.status.is_done, assigned=assigned
        )
        tell(ticket, _with_words(step, message) if message else step, actor, at)
    return ticket


def _assigned(ticket: Ticket, actor: Actor, transition: Transition, *, as_customer: bool) -> str:
    """Assign the ticket to the actor if the transition `assigns`; return their name, or ""."""
    who = actor.person
    if not transition.assigns or as_customer or ticket.assignee_id is not None or who is None:
        return ""
    if not is_agent(who, ticket.desk):
        return ""
    ticket.assignee = who
    return who.display_name


def _said(
    ticket: Ticket,
    actor: Actor,
    at: datetime,
    words: Words | None,
    files: Sequence[NewFile],
    **more: Any,
) -> Message | None:
    """Write the message that goes with the transition, if there is any text or file."""
    if not files and (words is None or not words.text.strip()):
        return None
    public = Message.Kind.PUBLIC
    return write_message(ticket, at, words or Words(""), kind=public, files=files, author=actor.person, **more)


def _with_words(step: StatusChanged, message: Message) -> TicketCommented:
    return TicketCommented(
        message=message.pk,
        message_kind=message.kind,
        moved=step.after,
        before=step.before,
        after=step.after,
        category=step.category,
        closed=step.closed,
        assigned=step.assigned,
    )


def allowed_transitions(actor: Actor, ticket: Ticket) -> list[Transition]:
    """Return the transitions the actor may perform now; the system may perform all."""
    rows = transitions_from(ticket.status)
    if actor.is_system:
        return rows
    if actor.person is None:
        return []
    if is_agent_of(actor.person, ticket):
        return [transition for transition in rows if transition.for_agents]
    return customer_transitions(ticket)


def customer_transitions(ticket: Ticket) -> list[Transition]:
    """Return the transitions a customer may perform now; the portal shows these to agents as well."""
    return [transition for transition in transitions_from(ticket.status) if transition.for_customers]


def after_customer_reply(ticket: Ticket, at: datetime) -> str:
    """Perform the transition marked `on_customer_reply`; return the new status's name, or "".

    For commands that hold the lock. A ticket without assignee that would go to work goes to the desk's first status.
    """
    transition = next(
        (
            transition
            for transition in transitions_from(ticket.status)
            if transition.on_customer_reply and transition.source_id
        ),
        None,
    )
    if transition is None:
        return ""
    target = transition.target
    if target.category == Status.Category.PROGRESS and ticket.assignee_id is None:
        target = first_status(ticket.desk)
    set_status(ticket, target, at)
    return target.name


def with_status(ticket: Ticket, status: Status, at: datetime) -> Ticket:
    """Return the object as it would be in this status, its closing time included. Saves nothing."""
    ticket.status, ticket.closed_at = status, at if status.is_done else None
    return ticket


def set_status(ticket: Ticket, status: Status, at: datetime, resolution: Resolution | None = None) -> None:
    """Set status, closing time and resolution. For commands that hold the lock; records no event.

    A closed ticket gets the transition's `resolution` if that is in use, otherwise, if it has none, the site's default.
    A reopened one loses it.
    """
    with_status(ticket, status, at)
    if not status.is_done:
        ticket.resolution = None
    elif resolution is not None and not resolution.archived:
        ticket.resolution = resolution
    elif ticket.resolution_id is None:
        ticket.resolution = default_resolution()
    ticket.save(update_fields=["status", "closed_at", "resolution"])
