"""The pump of acts on many tickets (tickets.commands.bulk_items)."""

from collections.abc import Collection
from datetime import datetime

from otklik.core.batch_cache import remembering
from otklik.core.fault_points import faultpoint
from otklik.core.locks import lock_first
from otklik.core.retried import SingleRowQueue, note_failure
from otklik.tickets.commands.bulk import TOPIC, State
from otklik.tickets.commands.bulk_items import do_next_item
from otklik.tickets.models import BulkRun

__all__ = ["TOPIC", "work_next"]
ACTIVE = (State.RUNNING, State.UNDOING)
_AT_ONCE = 25


def work_next(at: datetime | None = None) -> bool:
    """Do the next tickets of the oldest act on many, some in a row; returns whether there was any.

    Each ticket is one transaction with the mark that it is done: a worker that dies leaves it as it was or done, and
    any worker goes on with the rest.
    """
    # What is configured is read once for a few tickets, not for a whole run: it may change meanwhile.
    with remembering():
        worked = 0
        while worked < _AT_ONCE and _RUNS.next(at):
            worked += 1
    return worked > 0


def _claim(now: datetime, but: Collection[int]) -> BulkRun | None:
    active = BulkRun.objects.filter(BulkRun.may_be_tried(now), state__in=ACTIVE).exclude(pk__in=but)
    return lock_first(active.order_by("id"), skip_locked=True)


def _work(run: BulkRun, now: datetime) -> None:
    do_next_item(at=now, run=run)
    faultpoint("mid_bulk")


_RUNS = SingleRowQueue("bulk", _claim, _work, note_failure)
