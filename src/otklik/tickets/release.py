"""The pump of replies whose time has come (tickets.commands.pending)."""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation

from otklik.core.due import ahead, rested
from otklik.core.fault_points import faultpoint
from otklik.core.locks import lock_first
from otklik.core.retry_schedule import WAITS
from otklik.core.transient_errors import is_transient
from otklik.tickets.commands.base import locked
from otklik.tickets.commands.pending import TOPIC, State, note_failed_try, release
from otklik.tickets.models import PendingReply

__all__ = ["TOPIC", "release_next"]

log = logging.getLogger("otklik.tickets")


def release_next(at: datetime | None = None) -> bool:
    """Let the oldest reply go whose time has come `at` (default: now); returns whether there was one.

    One transaction: a worker that dies leaves the reply waiting as it was, and it goes exactly once. A reply that
    cannot go is tried again later and later; at last it stays back and says so. Those behind it go on.
    """
    now = at or timezone.now()
    found = _due(now).select_related("ticket__desk").first()
    if found is None:
        return False
    try:
        _release(found, now)
    except Exception as error:
        if is_transient(error):
            raise
        log.exception("reply %d of %s cannot go", found.pk, found.ticket.key)
        with translation.override(found.ticket.desk.language):
            note_failed_try(at=now, reply=found)
    return True


def _due(now: datetime) -> QuerySet[PendingReply]:
    # The seconds for undoing are over when they were counted by a clock that has been set back since.
    has_come = Q(due_at__lte=now) | Q(ahead("written_at", now), scheduled=False)
    waiting = PendingReply.objects.filter(has_come, rested(now, WAITS), state=State.WAITING)
    return waiting.order_by("due_at", "id")


def _release(found: PendingReply, now: datetime) -> None:
    with transaction.atomic():
        # The ticket first, as every command does; somebody may have taken the reply back meanwhile.
        ticket = locked(found.ticket)
        row = lock_first(_due(now).filter(pk=found.pk))
        if row is None:
            return
        row.ticket = ticket
        with translation.override(ticket.desk.language):
            release(at=now, reply=row)
        faultpoint("mid_release")
