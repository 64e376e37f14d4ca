"""Update the search index of answers after a lead renames an option or hides a field, within the hour.

The index holds the labels of chosen options, so changing a field makes the indexed text of its answers stale.
"""

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
# Much longer than the interval, so that a worker that was down for a while misses no change.
WINDOW = timedelta(days=1)
_INDEXED = ("options", "hidden")


class Rewording:
    """Runs `reword` hourly in the worker."""

    _not_before = 0.0

    def step(self) -> bool:
        """Run if an hour has passed. Always returns False: the worker need not call again at once."""
        if time.monotonic() >= self._not_before:
            self._not_before = time.monotonic() + REST_SECONDS
            reword(timezone.now() - WINDOW)
        return False


def reword(since: datetime) -> int:
    """Reindex tickets with answers to fields changed since then; returns how many indexed texts changed.

    A ticket that cannot be reindexed is logged and skipped; transient errors of the database are raised.
    """
    count = 0
    for field in _changed(since):
        answered = Ticket.objects.filter(desk_id=field.request_type.desk_id, answers__has_key=field.key)
        for pk in list(answered.order_by("pk").values_list("pk", flat=True)):
            count += _reworded(pk)
    return count


def _reworded(pk: int) -> int:
    try:
        with transaction.atomic():
            tickets = locked_all([Ticket(pk=pk)])  # empty if an import was rolled back and the ticket with it
            return sum(search_by(ticket) for ticket in tickets.values())
    except Exception as error:
        if is_transient(error):
            raise
        log.exception("the searched words of request %d cannot be written", pk)
        return 0


def _changed(since: datetime) -> list[Field]:
    events = Event.objects.filter(DeskChanged.where(thing="field"), subject_kind="desk", at__gte=since)
    changes = [event.typed for event in events.order_by("id")]
    ids = {
        change.row_id
        for change in changes
        if isinstance(change, DeskChanged) and any(name in change.after for name in _INDEXED)
    }
    return list(Field.objects.filter(pk__in=ids).select_related("request_type").order_by("pk"))
