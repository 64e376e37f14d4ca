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
from otklik.people.login_throttle import KEPT as GUESSES_KEPT
from otklik.people.models import AccountToken, Guesses, LoginSession
from otklik.tickets.models import BulkRun, Draft, ListExport, Unconfirmed

log = logging.getLogger("otklik.worker")

REST_SECONDS = 3600.0
# A form may be sent again from a page that was left open over a long weekend.
SUBMISSIONS_KEPT = timedelta(days=14)
# Nobody writes one file for so long.
HALVES_KEPT = timedelta(days=1)
# A link that is too old shows a page that says so; nobody asks after a week. A confirmed one leads to its request.
LINKS_KEPT = timedelta(days=7)
# Nobody says what is to be done with a choice of last week; results can be read for a month.
CHOICES_KEPT, RUNS_KEPT = timedelta(days=7), timedelta(days=30)
# So many rows in one transaction, and so many of a kind in one go: a flood is worked off over some hours.
STEP, MOST = 500, 20_000


class Tidying:
    """Removes what is older than it may be, once an hour."""

    _not_before = 0.0

    def step(self) -> bool:
        """Tidy if it is time to; always False, for there is no hurry."""
        if time.monotonic() >= self._not_before:
            self._not_before = time.monotonic() + REST_SECONDS
            tidy(timezone.now())
        return False


def tidy(at: datetime) -> None:
    """Remove what is older than it may be. Files that no row names any more are swept elsewhere."""
    leftovers = _leftovers(at)
    removers: dict[str, Callable[[], int]] = {name: partial(_remove, name, rows) for name, rows in leftovers.items()}
    removers["half-written files"] = partial(blobs.drop_halves, at - HALVES_KEPT)
    gone = {name: _tried(name, remove) for name, remove in removers.items()}
    if any(gone.values()):
        log.info("removed: %s", ", ".join(f"{count} {name}" for name, count in gone.items() if count))


def _tried(name: str, remove: Callable[[], int]) -> int:
    """What cannot be removed must not keep the rest."""
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
        "files of lists": ListExport.objects.filter(expires_at__lt=at),
        "sessions": Session.objects.filter(expire_date__lt=at),
        "rows of sessions": LoginSession.objects.filter(seen_at__lt=at - sessions),
    }
    if settings.KEEP_DRAFTS:
        leftovers["drafts"] = Draft.objects.filter(updated_at__lt=at - timedelta(days=settings.KEEP_DRAFTS))
    return leftovers


def _remove(name: str, rows: QuerySet[Any]) -> int:
    """Delete them some at a time, so that nobody waits for a lock; returns how many. What cannot be deleted is left."""
    looked_at, gone, last = 0, 0, None
    while looked_at < MOST:
        rest = rows if last is None else rows.filter(pk__gt=last)
        some = list(rest.order_by("pk").values_list("pk", flat=True)[:STEP])
        # Asked again: a draft may have been written on meanwhile.
        gone += piecemeal(name, some, lambda few: _deleted(rows.filter(pk__in=few)))
        looked_at, last = looked_at + len(some), some[-1] if some else None
        if len(some) < STEP:
            break
    return gone


def _deleted(rows: QuerySet[Any]) -> int:
    """How many of these very rows; others may go with them."""
    _all, each = rows.delete()
    return each.get(rows.model._meta.label, 0)
