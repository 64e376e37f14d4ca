"""The pump of replies whose time has come (tickets.commands.pending)."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone, translation

from otklik.core.faults import faultpoint
from otklik.core.locks import lock_first
from otklik.tickets.commands.base import locked
from otklik.tickets.commands.pending import TOPIC, State, release
from otklik.tickets.models import PendingReply

__all__ = ["TOPIC", "release_next"]


def release_next(at: datetime | None = None) -> bool:
    """Let the oldest reply go whose time has come `at` (default: now); returns whether there was one.

    One transaction: a worker that dies leaves the reply waiting as it was, and it goes exactly once.
    """
    now = at or timezone.now()
    due = PendingReply.objects.filter(state=State.WAITING, due_at__lte=now).order_by("due_at", "id")
    found = due.select_related("ticket").first()
    if found is None:
        return False
    with transaction.atomic():
        # The ticket first, as every command does; somebody may have taken the reply back meanwhile.
        ticket = locked(found.ticket)
        row = lock_first(due.filter(pk=found.pk))
        if row is None:
            return True
        row.ticket = ticket
        with translation.override(ticket.desk.language):
            release(at=now, reply=row)
        faultpoint("mid_release")
    return True
