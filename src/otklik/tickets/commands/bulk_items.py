"""Do an act on many to the next few tickets, or take it back from them. For the worker: a few tickets, one transaction,
each of them whole by itself (ADR 88)."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.utils import translation

from otklik.core.batch_cache import remembered, remembering
from otklik.core.bulk_update import update_rows
from otklik.core.durability import commit_without_fsync
from otklik.core.errors import UnableTo
from otklik.core.fault_points import faultpoint
from otklik.core.locks import lock_all
from otklik.core.transient_errors import is_transient
from otklik.desks.models import RequestType
from otklik.journal.models import LONGEST_HOLD, Event
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.bulk.acts import act_of
from otklik.tickets.commands.base import UnableToChange, handed_on, locked_all
from otklik.tickets.commands.bulk import WHY_LENGTH, State, hold_events
from otklik.tickets.commands.changes import remember
from otklik.tickets.models import BulkItem, BulkRun, Change, Ticket
from otklik.tickets.refusals import TicketRefusal
from otklik.tickets.stored_refusals import stored
from otklik.tickets.timeline import events_of_all

log = logging.getLogger("otklik.worker")
Item = BulkItem.State
AT_ONCE = 25
"""So many tickets at most share a transaction: others wait for them no longer than for a page."""


def do_next_items(*, at: datetime, run: BulkRun) -> None:
    """Process the next tickets of a locked run, AT_ONCE at most, or undo them; finish the run if none are left.

    Acts as the person who started it, with the rights they have now. A refusal concerns that ticket only. Tickets that
    others have locked come last.
    """
    undoing = run.state == State.UNDOING
    waiting = BulkItem.objects.filter(run=run, state=Item.DONE if undoing else Item.WAITING)
    items = list(waiting.order_by("position")[:AT_ONCE])
    if not items:
        _finish(run, at)
        return
    commit_without_fsync()
    with remembering():
        tickets = _locked(items)
        items = [item for item in items if item.ticket_id in tickets]
        piece = _TakingBack(run, at, tickets) if undoing else _Doing(run, at, tickets)
        for item in items:
            _settle(piece, item)
        piece.end()
    update_rows(items, "state", "why", "before")


def _locked(items: Sequence[BulkItem]) -> dict[int, Ticket]:
    """Lock and return the tickets that are free; if none is, wait for the first. Loads what the commands read."""
    wanted = [Ticket(pk=item.ticket_id) for item in items]
    tickets = locked_all(wanted, skip_locked=True) or locked_all(wanted[:1])
    for field, model in (("assignee", Person), ("request_type", RequestType)):
        rows = model._default_manager.in_bulk({getattr(ticket, f"{field}_id") for ticket in tickets.values()} - {None})
        for ticket in tickets.values():
            setattr(ticket, field, rows.get(getattr(ticket, f"{field}_id")))
    for ticket in tickets.values():
        remember(ticket)
    return tickets


def _settle(piece: "_Piece", item: BulkItem) -> None:
    """Process one ticket completely or not at all, and set the item's result without saving it."""
    run = piece.run
    try:
        with transaction.atomic(), handed_on(piece.tickets[item.ticket_id]):
            piece.work(item)
        item.state, item.why = piece.worked, ""
    except UnableTo as refusal:
        # A refusal that cannot be stored as a code is stored as text, in its reader's language.
        with translation.override(run.person.language):
            item.state, item.why = piece.failed, stored(refusal, WHY_LENGTH)
    except Exception as error:
        if is_transient(error):
            raise
        log.exception("bulk run %s: ticket %s failed", run.pk, item.ticket_id)
        item.state, item.why = piece.failed, stored(UnableToChange(TicketRefusal.BATCH_FAULT), WHY_LENGTH)
    faultpoint("mid_bulk")


class _Piece:
    """A few locked tickets of a run, by id."""

    worked: Item
    failed: Item

    def __init__(self, run: BulkRun, at: datetime, tickets: Mapping[int, Ticket]) -> None:
        self.run, self.at, self.tickets, self.act = run, at, tickets, act_of(run.act, run.parameters)

    def work(self, item: BulkItem) -> None:
        """Process the item's ticket. Raises UnableTo."""
        raise NotImplementedError("each kind of run does its own")

    def end(self) -> None:
        """Write what concerns all tickets of the piece together."""


class _Doing(_Piece):
    worked, failed = Item.DONE, Item.LEFT

    def work(self, item: BulkItem) -> None:
        actor, ticket = _actor(self.run, self.run.batch, self.at), self.tickets[item.ticket_id]
        if (refusal := self.act.refusal(actor, ticket)) is not None:
            raise refusal
        before = self.act.before(ticket)
        item.before = {**before, **(self.act.do(actor, self.at, ticket) or {})}


class _TakingBack(_Piece):
    """Undoes; nobody is notified of the run's own events of these tickets afterwards."""

    worked, failed = Item.UNDONE, Item.STAYED

    def __init__(self, run: BulkRun, at: datetime, tickets: Mapping[int, Ticket]) -> None:
        super().__init__(run, at, tickets)
        told = Event.objects.filter(batch_id=run.batch, subject_kind="ticket", subject_id__in=tickets).order_by("id")
        self._waiting = defaultdict[int, list[int]](list)
        for event in lock_all(told.filter(dispatched_at=None).only("pk", "subject_id")):
            self._waiting[event.subject_id].append(event.pk)
        counts = told.order_by().values_list("subject_id").annotate(Count("pk"))
        self._told = dict(counts)
        self._others = _others_since(run, {pk: max(self._waiting[pk], default=0) for pk in tickets})
        self._taken_back: list[int] = []

    def work(self, item: BulkItem) -> None:
        ticket, run = self.tickets[item.ticket_id], self.run
        assert run.undo_batch is not None
        if len(self._waiting[ticket.pk]) < self._told.get(ticket.pk, 0):
            raise UnableToChange(TicketRefusal.MAILS_GONE)
        if self.act.disturbs and ticket.pk in self._others:
            raise UnableToChange(TicketRefusal.CHANGED_SINCE, who=self._others[ticket.pk].partition(" <")[0])
        self.act.undo(_actor(run, run.undo_batch), self.at, ticket, item.before)
        self._taken_back += self._waiting[ticket.pk]

    def end(self) -> None:
        Event.objects.filter(pk__in=self._taken_back).update(dispatched_at=self.at)


@dataclass(frozen=True, slots=True)
class _Later:
    """An event of a ticket after the run's."""

    pk: int
    ticket: int
    actor: str
    by: int | None


def _others_since(run: BulkRun, last: Mapping[int, int]) -> dict[int, str]:
    """Return who changed each ticket after the run's event of it (`last`), by ticket id.

    Counts every event of other people, and those of the run's own person that changed a field. The first event decides.
    """
    later = events_of_all(last).filter(id__gt=min(last.values())).exclude(batch_id=run.batch)
    rows = [_Later(*row) for row in later.values_list("pk", "subject_id", "actor", "actor_id")]
    rows = [event for event in rows if event.pk > last[event.ticket]]
    own = [event.pk for event in rows if event.by == run.person_id]
    changed = set(Change.objects.filter(event__in=own).values_list("event", flat=True)) if own else set()
    first: dict[int, str] = {}
    for event in rows:
        if event.by != run.person_id:
            first.setdefault(event.ticket, event.actor)
    for event in rows:
        if event.pk in changed:
            first.setdefault(event.ticket, event.actor)
    return first


def _finish(run: BulkRun, at: datetime) -> None:
    """Mark the run as finished. A finished action can be undone for LONGEST_HOLD from now on, an undone one not at
    all."""
    if run.state == State.UNDOING:
        run.state, run.undo_until = State.UNDONE, None
    else:
        run.state, run.finished_at, run.undo_until = State.DONE, at, at + LONGEST_HOLD
    run.save(update_fields=["state", "finished_at", "undo_until"])
    hold_events(run, run.undo_until, at)


def _actor(run: BulkRun, batch: UUID, at: datetime | None = None) -> Actor:
    return Actor(_person(run.person_id), "agent", batch=batch, held_until=at + LONGEST_HOLD if at else None)


@remembered
def _person(pk: int) -> Person:
    return Person.objects.get(pk=pk)
