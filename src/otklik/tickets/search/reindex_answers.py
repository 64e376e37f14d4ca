"""Requests are found by their answers as they read now: when a lead renames an option or hides a question, the words
that are searched follow within the hour."""

import logging
import time
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from otklik.core.transient_errors import is_transient
from otklik.desks.events import DeskChanged
from otklik.desks.models import Field
from otklik.journal.models import Event
from otklik.tickets.commands.answers import search_by
from otklik.tickets.commands.base import locked_all
from otklik.tickets.models import Ticket

log = logging.getLogger("otklik.tickets")

REST_SECONDS = 3600.0
# Changes are looked at more than once: a worker that was away for a while misses none.
WINDOW = timedelta(days=1)
_TELLING = ("options", "hidden")


class Rewording:
    """Once an hour."""

    _not_before = 0.0

    def step(self) -> bool:
        """Look whether it is time to; always False, for there is no hurry."""
        if time.monotonic() >= self._not_before:
            self._not_before = time.monotonic() + REST_SECONDS
            reword(timezone.now() - WINDOW)
        return False


def reword(since: datetime) -> int:
    """Write the searched words anew where the questions were changed since; returns for how many tickets."""
    count = 0
    for field in _changed(since):
        asked = Ticket.objects.filter(desk_id=field.request_type.desk_id, answers__has_key=field.key)
        for pk in list(asked.order_by("pk").values_list("pk", flat=True)):
            count += _reworded(pk)
    return count


def _reworded(pk: int) -> int:
    try:
        with transaction.atomic():
            tickets = locked_all([Ticket(pk=pk)])  # none, if it went with an import that was taken back
            return sum(search_by(ticket) for ticket in tickets.values())
    except Exception as error:
        if is_transient(error):
            raise
        log.exception("the searched words of request %d cannot be written", pk)
        return 0


def _changed(since: datetime) -> list[Field]:
    events = Event.objects.filter(DeskChanged.where(thing="field"), subject_kind="desk", at__gte=since)
    told = [event.typed for event in events.order_by("id")]
    ids = {
        event.row_id
        for event in told
        if isinstance(event, DeskChanged) and any(name in event.after for name in _TELLING)
    }
    return list(Field.objects.filter(pk__in=ids).select_related("request_type").order_by("pk"))
