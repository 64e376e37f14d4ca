"""Reactions to events: plan the mails of one event, in one transaction, without touching the network."""

import logging
import traceback
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from otklik.core.durability import repeatable_work
from otklik.core.faults import faultpoint
from otklik.core.passing import is_passing
from otklik.core.wakeup import wake
from otklik.journal.models import Event
from otklik.mail.deliver import TOPIC as OUTBOX_TOPIC
from otklik.notify.plan import plan
from otklik.notify.story import Story
from otklik.tickets.models import Ticket

log = logging.getLogger("otklik.notify")
_LONGEST_REST = timedelta(hours=1)


def dispatch_next() -> bool:
    """Plan the reactions to the oldest undispatched event; returns whether there was one.

    Rows of the outbox and the mark on the event are one transaction, so a crash loses and doubles nothing. An event
    that fails is tried again later and later; those behind it go on.
    """
    claimed: int | None = None
    try:
        with transaction.atomic():
            event = _claim(timezone.now())
            if event is None:
                return False
            claimed = event.pk
            repeatable_work()
            faultpoint("mid_dispatch")
            _dispatch(event, timezone.now())
    except Exception as error:
        if claimed is None:
            raise
        log.exception("event %s was not dispatched", claimed)
        _failed(claimed, error)
    return True


def _claim(now: datetime) -> Event | None:
    waiting = Event.objects.select_for_update(skip_locked=True).filter(dispatched_at=None)
    return waiting.filter(Q(retry_at=None) | Q(retry_at__lte=now)).order_by("id").first()


def _dispatch(event: Event, at: datetime) -> None:
    if event.subject_kind == "ticket":
        ticket = (
            Ticket.objects.select_related("desk", "requester", "status", "request_type")
            .filter(pk=event.subject_id)
            .first()
        )
        if ticket is not None and plan(Story(event, ticket), at):
            wake(OUTBOX_TOPIC)
    event.dispatched_at = at
    event.save(update_fields=["dispatched_at"])


def _failed(pk: int, error: Exception) -> None:
    now = timezone.now()
    with transaction.atomic():
        event = Event.objects.select_for_update().get(pk=pk)
        event.attempts = min(event.attempts + (0 if is_passing(error) else 1), 30_000)
        event.retry_at = now + min(timedelta(seconds=5 * 2 ** min(event.attempts, 12)), _LONGEST_REST)
        event.error = "".join(traceback.format_exception(error))[-8000:].replace("\0", "")
        event.save(update_fields=["attempts", "retry_at", "error"])
