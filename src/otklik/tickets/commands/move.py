"""Move a ticket to another desk, and undo that."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from otklik.core.batch_cache import remembered
from otklik.core.locks import lock_all
from otklik.desks.access import is_agent
from otklik.desks.models import Desk, Priority, RequestType, Status
from otklik.desks.queries import default_priority, form_rows
from otklik.journal.models import Event
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.answers.type_change import moved_answers
from otklik.tickets.commands.answers import search_by
from otklik.tickets.commands.base import UnableToChange, locked, require_agent, tell, touch
from otklik.tickets.commands.request_type import ask_anew, ask_as_before, asked_by_type
from otklik.tickets.commands.stale_values import Shown, require_shown
from otklik.tickets.commands.ticket_numbers import renumber
from otklik.tickets.models import Approval, Ticket
from otklik.tickets.move_events import TicketMoved
from otklik.tickets.refusals import TicketRefusal
from otklik.tickets.timeline import events_of

Row = TypeVar("Row", Status, Priority, RequestType)
COLUMNS = ("desk_id", "status_id", "priority_id", "request_type_id", "assignee_id", "answers")
"""What moving may change besides the number and key: what `move_back` needs to know."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The values of a ticket at a desk. `assignee` None: nobody."""

    request_type: RequestType | None
    status: Status
    priority: Priority
    assignee: Person | None


@dataclass(frozen=True, slots=True)
class Moved:
    """A moved ticket, and its values before, as JSON, for `move_back`. They are read under the ticket's lock, so that
    no concurrent change is missed."""

    ticket: Ticket
    before: Mapping[str, Any]


def move_ticket(
    *,
    actor: Actor,
    at: datetime,
    ticket: Ticket,
    desk: Desk,
    request_type: RequestType | None,
    status: Status | None = None,
    shown: Shown | None = None,
) -> Moved:
    """Move the ticket to another desk, under a new key; the former key still finds it.

    `request_type`: one of the new desk's, or None; answers move along if its form has the same questions, the others
    are kept unchanged. `status`: one of the new desk's that keeps the ticket open or closed; None: as `standing_at`
    chooses. Participants stay; the assignee stays only if they work at the new desk. Staff of the former desk lose
    access. The actor must work at both desks. Raises UnableToChange as `move_refusal` says; `shown` (the desk's id) as
    for `fields.assign`.
    """
    with transaction.atomic():
        ticket = locked(ticket)
        require_agent(actor, ticket)
        require_shown(ticket, shown, ticket.desk_id, TicketMoved.where(), ticket.desk.name)
        if (refusal := move_refusal(actor, ticket, desk)) is not None:
            raise refusal
        before = _stood(ticket)
        _move_to(actor, at, ticket, desk, standing_at(ticket, desk, request_type, status))
    return Moved(ticket, before)


def move_back(
    *,
    actor: Actor,
    at: datetime,
    ticket: Ticket,
    before: Mapping[str, Any],
    version: int | None = None,
    batch: UUID | None = None,
    untold: bool = False,
) -> Ticket:
    """Undo a move: restore the desk, the key, COLUMNS and the type's pending approval from `before`.

    What no longer exists is mapped as by `move_ticket`. `version`: the ticket's version after the move; if it has
    changed since, its present values move along instead. None: the caller knows that it has not. `untold`: nobody was
    notified of the move, so nobody is notified of this. `batch`: the id shared by the move's events: pending ones are
    cancelled, and if that was all of them, it counts as `untold`. Raises UnableToChange as `move_ticket`, and if the
    desk is gone.
    """
    with transaction.atomic():
        ticket = locked(ticket)
        require_agent(actor, ticket)
        desk = Desk.objects.filter(pk=before["desk_id"]).first()
        if desk is None:
            raise UnableToChange(TicketRefusal.FORMER_VALUE_GONE)
        if (refusal := move_refusal(actor, ticket, desk)) is not None:
            raise refusal
        quiet = untold or (batch is not None and _call_back(ticket, batch, at))
        if version is not None and version != ticket.version:
            kind = same_type(ticket, list(desk.request_types.filter(archived=False)))
            _move_to(actor, at, ticket, desk, standing_at(ticket, desk, kind), quiet=quiet)
            return ticket
        former_type = RequestType.objects.filter(pk=before["request_type_id"], desk=desk).first()
        ended = ticket.status.is_done
        status = next((row for row in _statuses(desk, done=ended) if row.pk == before["status_id"]), None)
        standing = standing_at(ticket, desk, former_type, status, retired=True)
        priority = Priority.objects.filter(desk=desk, pk=before["priority_id"]).first() or standing.priority
        assignee = Person.objects.filter(pk=before["assignee_id"] or 0).first()
        if assignee is not None and not is_agent(assignee, desk):
            assignee = None
        ticket.answers = dict(before["answers"])
        stood = Standing(former_type, standing.status, priority, assignee)
        _move(actor, at, ticket, desk, stood, taken_back=True, quiet=quiet)
        ask_as_before(actor, at, ticket, before.get("asked", ()))
    return ticket


def _stood(ticket: Ticket) -> dict[str, Any]:
    return {column: getattr(ticket, column) for column in COLUMNS} | {"asked": asked_by_type(ticket)}


def _call_back(ticket: Ticket, batch: UUID, at: datetime) -> bool:
    """Cancel the pending events of the batch; return whether none had been dispatched."""
    events = events_of(ticket).filter(batch_id=batch)
    waiting = [event.pk for event in lock_all(events.filter(dispatched_at=None).only("pk"))]
    Event.objects.filter(pk__in=waiting).update(dispatched_at=at)
    return events.count() == len(waiting)


def move_refusal(
    actor: Actor, ticket: Ticket, desk: Desk, awaiting: Collection[int] | None = None
) -> UnableToChange | None:
    """Return why this actor, who works at the ticket's desk, cannot move the ticket there; None if they can.

    `awaiting`: the result of `awaiting_approval`, to save a query per ticket.
    """
    if ticket.desk_id == desk.pk:
        return UnableToChange(TicketRefusal.UNCHANGED)
    if not actor.is_system and (actor.person is None or not is_agent(actor.person, desk)):
        return UnableToChange(TicketRefusal.MOVED_ELSEWHERE)
    if not _statuses(desk, done=ticket.status.is_done):
        return UnableToChange(TicketRefusal.MOVED_WITHOUT_STATUS, desk=desk.name)
    asked = _asked_by_people().filter(ticket=ticket).exists() if awaiting is None else ticket.pk in awaiting
    return UnableToChange(TicketRefusal.MOVED_AWAITS_APPROVAL) if asked else None


@remembered
def awaiting_approval(desk: int) -> frozenset[int]:
    """Return the ids of the desk's tickets with a pending approval that a person asked for."""
    return frozenset(_asked_by_people().filter(ticket__desk=desk).values_list("ticket_id", flat=True))


def _asked_by_people() -> QuerySet[Approval]:
    return Approval.objects.filter(state=Approval.State.PENDING).exclude(asked_by=None)


def standing_at(
    ticket: Ticket,
    desk: Desk,
    request_type: RequestType | None,
    status: Status | None = None,
    *,
    retired: bool = False,
) -> Standing:
    """Return the values the ticket would have at the desk. Reads only; call `move_refusal` first.

    The status of the same name, else of the same category, else the first that keeps it open or closed; the priority of
    the same name, else of the same level, else the desk's default. Raises UnableToChange: a type or status of another
    desk, or a retired type unless `retired`.
    """
    if request_type is not None and request_type.desk_id != desk.pk:
        raise UnableToChange(TicketRefusal.TYPE_OF_OTHER_DESK)
    if request_type is not None and request_type.archived and not retired:
        raise UnableToChange(TicketRefusal.TYPE_RETIRED)
    statuses = _statuses(desk, done=ticket.status.is_done)
    if status is not None and status.pk not in {row.pk for row in statuses}:
        raise UnableToChange(TicketRefusal.STATUS_OF_OTHER_DESK)
    assignee = ticket.assignee
    return Standing(
        request_type=request_type,
        status=status or _alike(statuses, ticket.status.name, "category", ticket.status.category) or statuses[0],
        priority=_alike(_priorities(desk), ticket.priority.name, "level", ticket.priority.level)
        or default_priority(desk),
        assignee=assignee if assignee is not None and is_agent(assignee, desk) else None,
    )


def statuses_at(ticket: Ticket, desk: Desk) -> list[Status]:
    """Return the desk's statuses that the ticket may get when moved: it stays open or closed."""
    return _statuses(desk, done=ticket.status.is_done)


def same_type(ticket: Ticket, types: Sequence[RequestType]) -> RequestType | None:
    """Return the type with the same name as the ticket's, if any."""
    return _alike(types, ticket.request_type.name, "name", "") if ticket.request_type is not None else None


def _alike(rows: Sequence[Row], name: str, also: str, value: object) -> Row | None:
    """Return the row with this name, ignoring case, else the first with the same value in another column."""
    folded = name.casefold()
    named = next((row for row in rows if row.name.casefold() == folded), None)
    return named or next((row for row in rows if getattr(row, also) == value), None)


def _move_to(
    actor: Actor, at: datetime, ticket: Ticket, desk: Desk, standing: Standing, *, quiet: bool = False
) -> None:
    rows = form_rows(ticket.request_type) if ticket.request_type else []
    if standing.request_type is not None:
        ticket.answers = moved_answers(ticket.answers, rows, form_rows(standing.request_type))
    _move(actor, at, ticket, desk, standing, quiet=quiet)


def _move(
    actor: Actor,
    at: datetime,
    ticket: Ticket,
    desk: Desk,
    standing: Standing,
    *,
    taken_back: bool = False,
    quiet: bool = False,
) -> None:
    was, key = ticket.desk.name, ticket.key
    told = {
        "status": _unless_same(ticket.status, standing.status),
        "priority": _unless_same(ticket.priority, standing.priority),
        "request_type": _unless_same(ticket.request_type, standing.request_type),
    }
    renumber(ticket, desk, at)
    ticket.desk, ticket.request_type, ticket.status = desk, standing.request_type, standing.status
    ticket.priority, ticket.assignee = standing.priority, standing.assignee
    touch(ticket, at, "desk", "number", "key", "request_type", "status", "priority", "assignee", "answers")
    search_by(ticket)
    moved = TicketMoved(former_key=key, from_desk=was, to_desk=desk.name, taken_back=taken_back, quiet=quiet, **told)
    tell(ticket, moved, actor, at)
    if not taken_back:
        ask_anew(actor, at, ticket)


def _unless_same(was: Status | Priority | RequestType | None, now: Status | Priority | RequestType | None) -> str:
    return "" if now is None or (was is not None and was.name == now.name) else now.name


def _statuses(desk: Desk, *, done: bool) -> list[Status]:
    """Return the desk's statuses for closed tickets, or for open ones, in order."""
    return [status for status in _all_statuses(desk) if status.is_done == done]


@remembered
def _all_statuses(desk: Desk) -> list[Status]:
    return list(Status.objects.filter(desk=desk).order_by("position"))


@remembered
def _priorities(desk: Desk) -> list[Priority]:
    return list(Priority.objects.filter(desk=desk).order_by("level"))
