"""React to events: planners turn a batch of events into rows, such as outgoing mails, in one transaction.

Nothing here touches the network.
"""

import logging
import traceback
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from otklik.core.fault_points import faultpoint
from otklik.core.locks import lock, lock_all
from otklik.core.row_queue import RowQueue, disjoint_runs
from otklik.core.transient_errors import is_transient
from otklik.journal.models import Event
from otklik.notify.plan import plan_mails
from otklik.tickets.commands.undelivered import mark_undelivered
from otklik.tickets.queue_filter_merge import follow_merges

log = logging.getLogger("otklik.worker")
_MOST_EVENTS = 50

# Called in this order, each with events of distinct tickets. They write rows and do nothing else.
Planner = Callable[[Sequence[Event], datetime], None]
PLANNERS: tuple[Planner, ...] = (mark_undelivered, plan_mails)
# The same for events about people.
OF_PEOPLE: tuple[Planner, ...] = (follow_merges,)


def dispatch_next() -> bool:
    """Let the planners react to the oldest undispatched events; returns whether there were any.

    The planners' rows and `dispatched_at` are written in one transaction, so a crash neither loses nor repeats a
    reaction. An event that fails is retried with growing delays and finally given up; it does not block later ones.
    """
    return _EVENTS.next()


def _claim(at: datetime, only: int | None, but: Collection[int]) -> list[Event]:
    due = Event.objects.filter(Event.may_be_tried(at), Event.may_be_told(at), dispatched_at=None).exclude(pk__in=but)
    return lock_all((due.filter(pk=only) if only else due).order_by("id")[:_MOST_EVENTS], skip_locked=True)


def _work(events: list[Event], at: datetime) -> None:
    faultpoint("mid_dispatch")
    # A mail refers to earlier mails about the same ticket, so those must have been written before.
    for run in disjoint_runs(
        (event for event in events if event.subject_kind == "ticket"), lambda event: [event.subject_id]
    ):
        for planner in PLANNERS:
            planner(run, at)
    of_people = [event for event in events if event.subject_kind == "person"]
    for planner in OF_PEOPLE:
        planner(of_people, at)
    Event.objects.filter(pk__in=[event.pk for event in events]).update(dispatched_at=at)


def _failed(pk: int, error: Exception) -> None:
    now = timezone.now()
    with transaction.atomic():
        event = lock(Event, pk)
        if is_transient(error):
            event.retry_at, columns = now + Event.WAITS[0] / 2, ["retry_at"]
        else:
            columns = event.note_failure(now)
        event.error = "".join(traceback.format_exception(error))[-8000:].replace("\0", "")
        event.save(update_fields=[*columns, "error"])


_EVENTS = RowQueue("events", _claim, _work, _failed)
