"""The pump that processes bulk runs (tickets.commands.bulk_items)."""

from collections.abc import Collection
from datetime import datetime

from otklik.core.locks import lock_first
from otklik.core.retry_queue import SingleRowQueue, note_failure
from otklik.tickets.commands.bulk import TOPIC, State
from otklik.tickets.commands.bulk_items import do_next_items
from otklik.tickets.models import BulkRun

__all__ = ["TOPIC", "work_next"]
ACTIVE = (State.RUNNING, State.UNDOING)


def work_next(at: datetime | None = None) -> bool:
    """Process the next few tickets of the oldest bulk run; return whether there was one.

    Tickets and their results are one transaction: after a crash any worker continues with the rest.
    """
    return _RUNS.next(at)


def _claim(now: datetime, but: Collection[int]) -> BulkRun | None:
    active = BulkRun.objects.filter(BulkRun.may_be_tried(now), state__in=ACTIVE).exclude(pk__in=but)
    return lock_first(active.order_by("id"), skip_locked=True)


def _work(run: BulkRun, now: datetime) -> None:
    do_next_items(at=now, run=run)


_RUNS = SingleRowQueue("bulk", _claim, _work, note_failure)
