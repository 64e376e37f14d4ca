"""The pump that sends pending replies when they are due (tickets.commands.pending)."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import translation

from otklik.core.due_times import ahead
from otklik.core.fault_points import faultpoint
from otklik.core.locks import lock_first
from otklik.core.retry_queue import SingleRowQueue
from otklik.tickets.commands.base import locked
from otklik.tickets.commands.pending import TOPIC, State, note_failed_try, release
from otklik.tickets.models import PendingReply

__all__ = ["TOPIC", "release_next"]


def release_next(at: datetime | None = None) -> bool:
    """Post the oldest reply that is due `at` (default: now); return whether there was one.

    One transaction, so each reply is posted exactly once even if the worker dies. A reply that fails is retried with
    growing waits and finally stopped; those behind it continue.
    """
    return _REPLIES.next(at)


def _claim(now: datetime, but: Collection[int]) -> PendingReply | None:
    while (due_reply := _due(now).exclude(pk__in=but).select_related("ticket").first()) is not None:
        # Lock the ticket first, as every command does; the reply may have been undone meanwhile.
        ticket = locked(due_reply.ticket)
        reply = lock_first(_due(now).filter(pk=due_reply.pk))
        if reply is not None:
            reply.ticket = ticket
            return reply
    return None


def _release(reply: PendingReply, now: datetime) -> None:
    with translation.override(reply.ticket.desk.language):
        release(at=now, reply=reply)
    faultpoint("mid_release")


def _failed(reply: PendingReply, now: datetime) -> None:
    with translation.override(reply.ticket.desk.language):
        note_failed_try(at=now, reply=reply)


def _due(now: datetime) -> QuerySet[PendingReply]:
    # If the clock was set back, the time for undoing counts as over.
    has_come = Q(due_at__lte=now) | Q(ahead("written_at", now), scheduled=False)
    waiting = PendingReply.objects.filter(has_come, PendingReply.may_be_tried(now), state=State.WAITING)
    return waiting.order_by("due_at", "id")


_REPLIES = SingleRowQueue("replies", _claim, _release, _failed)
