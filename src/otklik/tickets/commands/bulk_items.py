"""Do an act on many to the next ticket, or take it back from the next. For the worker: one ticket, one transaction."""

import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import translation

from otklik.core.batch_cache import remembered
from otklik.core.durability import commit_without_fsync
from otklik.core.errors import UnableTo
from otklik.core.locks import lock_all
from otklik.core.transient_errors import is_transient
from otklik.journal.models import LONGEST_HOLD, Event
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.bulk.acts import Act, act_of
from otklik.tickets.commands.base import UnableToChange, locked
from otklik.tickets.commands.bulk import WHY_LENGTH, State, hold_events
from otklik.tickets.models import BulkItem, BulkRun, Change, Ticket
from otklik.tickets.refusals import TicketRefusal
from otklik.tickets.stored_refusals import stored
from otklik.tickets.timeline import events_of

log = logging.getLogger("otklik.worker")
Item = BulkItem.State


def do_next_item(*, at: datetime, run: BulkRun) -> None:
    """One ticket of a run that is locked: do the act to it, or take it back, by the person who began it, with the
    rights that they have now. A refusal is the ticket's own. Without such a ticket the run is over."""
    undoing = run.state == State.UNDOING
    items = BulkItem.objects.filter(run=run, state=Item.DONE if undoing else Item.WAITING)
    item = items.order_by("position").select_related("ticket").first()
    if item is None:
        _finish(run, at)
        return
    commit_without_fsync()
    worked, failed = (Item.UNDONE, Item.STAYED) if undoing else (Item.DONE, Item.LEFT)
    try:
        with transaction.atomic():
            (_take_back if undoing else _do)(run, item, at)
        item.state, item.why = worked, ""
    except UnableTo as refusal:
        # What only another package could say again is told in the language of whoever will read it.
        with translation.override(run.person.language):
            item.state, item.why = failed, stored(refusal, WHY_LENGTH)
    except Exception as error:
        if is_transient(error):
            raise
        log.exception("bulk run %s: ticket %s failed", run.pk, item.ticket_id)
        item.state, item.why = failed, stored(UnableToChange(TicketRefusal.BATCH_FAULT), WHY_LENGTH)
    item.save(update_fields=["state", "why", "before"])


def _do(run: BulkRun, item: BulkItem, at: datetime) -> None:
    act, actor = _act(run), _actor(run, run.batch, at)
    ticket = locked(item.ticket)
    if (refusal := act.refusal(actor, ticket)) is not None:
        raise refusal
    before = act.before(ticket)
    item.before = {**before, **(act.do(actor, at, ticket) or {})}


def _take_back(run: BulkRun, item: BulkItem, at: datetime) -> None:
    """The run's own events of the ticket are told to nobody afterwards."""
    assert run.undo_batch is not None
    ticket = locked(item.ticket)
    told = Event.objects.filter(batch_id=run.batch, subject_kind="ticket", subject_id=ticket.pk).order_by("id")
    waiting = lock_all(told.filter(dispatched_at=None))
    if len(waiting) < told.count():
        raise UnableToChange(TicketRefusal.MAILS_GONE)
    act = _act(run)
    if act.disturbs:
        _require_untouched(run, ticket, waiting[-1].pk if waiting else 0)
    act.undo(_actor(run, run.undo_batch), at, ticket, item.before)
    Event.objects.filter(pk__in=[event.pk for event in waiting]).update(dispatched_at=at)


def _require_untouched(run: BulkRun, ticket: Ticket, last: int) -> None:
    """Raise UnableToChange where others did anything since, or the person changed a field by another act."""
    later = events_of(ticket).filter(id__gt=last).exclude(batch_id=run.batch)
    other = later.exclude(actor_id=run.person_id).first()
    if other is None:
        own = Change.objects.filter(ticket=ticket, event_id__gt=last).exclude(event__batch_id=run.batch)
        other = later.filter(pk__in=own.values("event")).first()
    if other is not None:
        raise UnableToChange(TicketRefusal.CHANGED_SINCE, who=other.actor.partition(" <")[0])


def _finish(run: BulkRun, at: datetime) -> None:
    """The time for taking it back is counted from here, for all tickets alike; after taking back there is none."""
    if run.state == State.UNDOING:
        run.state, run.undo_until = State.UNDONE, None
    else:
        run.state, run.finished_at, run.undo_until = State.DONE, at, at + LONGEST_HOLD
    run.save(update_fields=["state", "finished_at", "undo_until"])
    hold_events(run, run.undo_until, at)


def _act(run: BulkRun) -> Act:
    return act_of(run.act, run.parameters)


def _actor(run: BulkRun, batch: UUID, at: datetime | None = None) -> Actor:
    return Actor(_person(run.person_id), "agent", batch=batch, held_until=at + LONGEST_HOLD if at else None)


@remembered
def _person(pk: int) -> Person:
    return Person.objects.get(pk=pk)
