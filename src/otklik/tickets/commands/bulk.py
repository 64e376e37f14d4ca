"""Start a bulk run, and undo it. The worker processes the tickets (commands.bulk_items)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from django.db import transaction

from otklik.core.locks import lock
from otklik.core.notify_channel import wake
from otklik.journal.models import Event
from otklik.journal.record import TOPIC as EVENTS
from otklik.people.actor import Actor
from otklik.tickets.access import worked_tickets
from otklik.tickets.bulk.acts import Act
from otklik.tickets.commands.base import UnableToChange
from otklik.tickets.commands.pending import TOPIC as REPLIES
from otklik.tickets.models import BulkItem, BulkRun, PendingReply
from otklik.tickets.refusals import TicketRefusal
from otklik.tickets.stored_refusals import stored

TOPIC = "bulk"
MOST = 1_000
WHY_LENGTH, BACK_LENGTH = 300, 4_000  # characters of the columns
State = BulkRun.State


def prepare_bulk(*, actor: Actor, at: datetime, tickets: Sequence[int], back: str = "") -> BulkRun:
    """Store a selection of tickets for one action; tickets of desks where the actor does not work are left out.

    `tickets`: ids, in order. `back`: the list's URL. Nothing happens to the tickets yet. Raises UnableToChange: none
    selected, none at a desk of the actor, more than MOST.
    """
    if actor.person is None:
        raise UnableToChange(TicketRefusal.STAFF_ONLY)
    wanted = list(dict.fromkeys(tickets))
    if len(wanted) > MOST:
        raise UnableToChange(TicketRefusal.TOO_MANY_CHOSEN, most=MOST)
    allowed = set(worked_tickets(actor.person).filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
    if not wanted:
        raise UnableToChange(TicketRefusal.NOTHING_CHOSEN)
    if not allowed:
        raise UnableToChange(TicketRefusal.STAFF_ONLY)
    with transaction.atomic():
        run = BulkRun.objects.create(person=actor.person, prepared_at=at, back=back[:BACK_LENGTH])
        chosen = [pk for pk in wanted if pk in allowed]
        BulkItem.objects.bulk_create(
            BulkItem(run=run, ticket_id=pk, position=position) for position, pk in enumerate(chosen)
        )
    return run


def start_bulk(*, actor: Actor, at: datetime, run: BulkRun, act: Act) -> BulkRun:
    """Start the action on the selected tickets. Raises UnableToChange: another person's run, or already started."""
    with transaction.atomic():
        run = _own(actor, run)
        if run.state != State.PREPARED:
            raise UnableToChange(TicketRefusal.BATCH_NOT_ITS_TURN)
        run.state, run.act, run.parameters, run.started_at = State.RUNNING, act.kind, act.parameters(), at
        run.save(update_fields=["state", "act", "parameters", "started_at"])
        wake(TOPIC)
    return run


def undo_bulk(*, actor: Actor, at: datetime, run: BulkRun) -> BulkRun:
    """Undo what the run did, ticket by ticket; tickets not processed yet are left out.

    Raises UnableToChange: another person's run, nothing to undo, too late.
    """
    with transaction.atomic():
        run = _own(actor, run)
        if run.state not in {State.RUNNING, State.DONE}:
            raise UnableToChange(TicketRefusal.BATCH_NOT_ITS_TURN)
        if run.state == State.DONE and not may_be_undone(run, at):
            raise UnableToChange(TicketRefusal.BATCH_TOO_LATE)
        not_begun = stored(UnableToChange(TicketRefusal.NOT_BEGUN), WHY_LENGTH)
        waiting = BulkItem.objects.filter(run=run, state=BulkItem.State.WAITING)
        waiting.update(state=BulkItem.State.LEFT, why=not_begun)
        run.state, run.undo_batch = State.UNDOING, uuid4()
        # Also where it stood still because of an error.
        run.save(update_fields=["state", "undo_batch", *run.try_anew()])
        wake(TOPIC)
    return run


def release_bulk(*, actor: Actor, at: datetime, run: BulkRun) -> BulkRun:
    """Send the mails of a finished run now; it can no longer be undone.

    Raises UnableToChange: another person's run, not finished, too late.
    """
    with transaction.atomic():
        run = _own(actor, run)
        if run.state != State.DONE or not may_be_undone(run, at):
            raise UnableToChange(TicketRefusal.BATCH_NOT_ITS_TURN)
        run.undo_until = at
        run.save(update_fields=["undo_until"])
        hold_events(run, None, at)
    return run


def may_be_undone(run: BulkRun, at: datetime) -> bool:
    """Return whether the run is finished and can still be undone."""
    return run.state == State.DONE and run.undo_until is not None and at < run.undo_until


def hold_events(run: BulkRun, until: datetime | None, at: datetime) -> None:
    """Delay reactions to the run's events, and its replies, until then; None releases them now.

    Must run in the transaction that locked the run.
    """
    waiting = Event.objects.filter(batch_id=run.batch, dispatched_at=None)
    waiting.update(not_before=until or at)
    done = BulkItem.objects.filter(run=run, state=BulkItem.State.DONE, before__has_key="reply")
    if replies := [before["reply"] for before in done.values_list("before", flat=True)]:
        # A reply that somebody scheduled keeps its time.
        held = PendingReply.objects.filter(pk__in=replies, state=PendingReply.State.WAITING, scheduled=False)
        held.update(due_at=until or at)
    if until is None:
        wake(EVENTS)
        wake(REPLIES)


def _own(actor: Actor, run: BulkRun) -> BulkRun:
    run = lock(BulkRun, run.pk)
    if actor.person is None or not actor.person.is_active or run.person_id != actor.person.pk:
        raise UnableToChange(TicketRefusal.STAFF_ONLY)
    return run
