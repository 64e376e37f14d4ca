"""Delete expired rows and unneeded files."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from otklik.core import blobs
from otklik.core.models import Submission
from otklik.core.row_isolation import piecemeal
from otklik.core.transient_errors import is_transient
from otklik.desks.commands.canned_answers import KEPT as ANSWERS_KEPT
from otklik.desks.models import CannedAnswer
from otklik.people.login_throttle import KEPT as GUESSES_KEPT
from otklik.people.models import AccountToken, Guesses, LoginSession
from otklik.tickets.models import BulkRun, Draft, ListExport, Unconfirmed

log = logging.getLogger("otklik.worker")

REST_SECONDS = 3600.0
# A form may be submitted again from a page left open over a long weekend.
SUBMISSIONS_KEPT = timedelta(days=14)
# No upload takes this long.
HALVES_KEPT = timedelta(days=1)
# Expired links show an explanation for a week; confirmed ones lead to their ticket.
LINKS_KEPT = timedelta(days=7)
# How long selections without an action, and results of bulk runs, are kept.
CHOICES_KEPT, RUNS_KEPT = timedelta(days=7), timedelta(days=30)
# Rows per transaction, and per kind and run: a large backlog takes some hours.
STEP, MOST = 500, 20_000


class Tidying:
    """Deletes expired rows and files, once an hour."""

    _not_before = 0.0

    def step(self) -> bool:
        """Run if an hour has passed. Always returns False: the worker need not call again at once."""
        if time.monotonic() >= self._not_before:
            self._not_before = time.monotonic() + REST_SECONDS
            tidy(timezone.now())
        return False


def tidy(at: datetime) -> None:
    """Delete rows and temporary files past their retention. Unused blobs are removed elsewhere
    (worker.unused_files)."""
    leftovers = _leftovers(at)
    removers: dict[str, Callable[[], int]] = {name: partial(_remove, name, rows) for name, rows in leftovers.items()}
    removers["half-written files"] = partial(blobs.drop_halves, at - HALVES_KEPT)
    gone = {name: _tried(name, remove) for name, remove in removers.items()}
    if any(gone.values()):
        log.info("removed: %s", ", ".join(f"{count} {name}" for name, count in gone.items() if count))


def _tried(name: str, remove: Callable[[], int]) -> int:
    """Run one remover; its failure must not stop the others."""
    try:
        return remove()
    except Exception as error:
        if is_transient(error):
            raise
        log.exception("%s cannot be removed", name)
        return 0


def _leftovers(at: datetime) -> dict[str, QuerySet[Any]]:
    sessions = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    leftovers: dict[str, QuerySet[Any]] = {
        "marks of forms": Submission.objects.filter(at__lt=at - SUBMISSIONS_KEPT),
        "counts of guesses": Guesses.objects.filter(last_at__lt=at - GUESSES_KEPT),
        "links": AccountToken.objects.filter(expires_at__lt=at - LINKS_KEPT),
        "unconfirmed requests": Unconfirmed.objects.filter(expires_at__lt=at - LINKS_KEPT),
        "choices of requests": BulkRun.objects.filter(state=BulkRun.State.PREPARED, prepared_at__lt=at - CHOICES_KEPT),
        "acts on many": BulkRun.objects.filter(
            state__in=[BulkRun.State.DONE, BulkRun.State.UNDONE], prepared_at__lt=at - RUNS_KEPT
        ),
        "canned answers": CannedAnswer.with_removed.filter(removed_at__lt=at - ANSWERS_KEPT),
        "files of lists": ListExport.objects.filter(expires_at__lt=at),
        "sessions": Session.objects.filter(expire_date__lt=at),
        "rows of sessions": LoginSession.objects.filter(seen_at__lt=at - sessions),
    }
    if settings.KEEP_DRAFTS:
        leftovers["drafts"] = Draft.objects.filter(updated_at__lt=at - timedelta(days=settings.KEEP_DRAFTS))
    return leftovers


def _remove(name: str, rows: QuerySet[Any]) -> int:
    """Delete rows in small transactions; return their number. Rows that cannot be deleted are left."""
    looked_at, gone, last = 0, 0, None
    while looked_at < MOST:
        rest = rows if last is None else rows.filter(pk__gt=last)
        ids = list(rest.order_by("pk").values_list("pk", flat=True)[:STEP])
        # Filtered again, as a draft may have been updated meanwhile.
        gone += piecemeal(name, ids, lambda few: _deleted(rows.filter(pk__in=few)))
        looked_at, last = looked_at + len(ids), ids[-1] if ids else None
        if len(ids) < STEP:
            break
    return gone


def _deleted(rows: QuerySet[Any]) -> int:
    """Delete and count these rows, without those that are deleted by cascade."""
    _all, each = rows.delete()
    return each.get(rows.model._meta.label, 0)
