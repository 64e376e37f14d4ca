"""What is left over and of no use any more."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from otklik.core import blobs
from otklik.core.models import Submission
from otklik.core.passing import is_passing
from otklik.people.guesses import KEPT as GUESSES_KEPT
from otklik.people.models import AccountToken, Guesses, LoginSession
from otklik.tickets.models import Draft, Unconfirmed

log = logging.getLogger("otklik.worker")

REST_SECONDS = 3600.0
# A form may be sent again from a page that was left open over a long weekend.
SUBMISSIONS_KEPT = timedelta(days=14)
# Nobody writes one file for so long.
HALVES_KEPT = timedelta(days=1)
# A link that is too old shows a page that says so; nobody asks after a week. A confirmed one leads to its request.
LINKS_KEPT = timedelta(days=7)
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
    removers: dict[str, Callable[[], int]] = {name: partial(_remove, rows) for name, rows in _leftovers(at).items()}
    removers["half-written files"] = partial(blobs.drop_halves, at - HALVES_KEPT)
    gone = {name: _tried(name, remove) for name, remove in removers.items()}
    if any(gone.values()):
        log.info("removed: %s", ", ".join(f"{count} {name}" for name, count in gone.items() if count))


def _tried(name: str, remove: Callable[[], int]) -> int:
    """What cannot be removed must not keep the rest."""
    try:
        return remove()
    except Exception as error:
        if is_passing(error):
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
        "sessions": Session.objects.filter(expire_date__lt=at),
        "rows of sessions": LoginSession.objects.filter(seen_at__lt=at - sessions),
    }
    if settings.KEEP_DRAFTS:
        leftovers["drafts"] = Draft.objects.filter(updated_at__lt=at - timedelta(days=settings.KEEP_DRAFTS))
    return leftovers


def _remove(rows: QuerySet[Any]) -> int:
    """Delete them some at a time, so that nobody waits for a lock; returns how many."""
    count = 0
    while count < MOST:
        some = list(rows.order_by("pk").values_list("pk", flat=True)[:STEP])
        if not some:
            break
        # Asked again: a draft may have been written on meanwhile.
        with transaction.atomic():
            rows.filter(pk__in=some).delete()
        count += len(some)
        if len(some) < STEP:
            break
    return count
