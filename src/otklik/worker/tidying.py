"""What is left over and of no use any more."""

import logging
import time
from datetime import datetime, timedelta

from django.utils import timezone

from otklik.core import blobs
from otklik.core.models import Submission
from otklik.people.guesses import drop_old_guesses

log = logging.getLogger("otklik.worker")

REST_SECONDS = 3600.0
# A form may be sent again from a page that was left open over a long weekend.
SUBMISSIONS_KEPT = timedelta(days=14)
# Nobody writes one file for so long.
HALVES_KEPT = timedelta(days=1)


class Tidying:
    """Removes marks of forms sent long ago, old counts of guesses and files that a kill left half-written; hourly."""

    _not_before = 0.0

    def step(self) -> bool:
        """Tidy if it is time to; always False, for there is no hurry."""
        if time.monotonic() >= self._not_before:
            self._not_before = time.monotonic() + REST_SECONDS
            tidy(timezone.now())
        return False


def tidy(at: datetime) -> None:
    """Remove what is older than it may be."""
    marks, _ = Submission.objects.filter(at__lt=at - SUBMISSIONS_KEPT).delete()
    drop_old_guesses(at)
    halves = blobs.drop_halves(at - HALVES_KEPT)
    if marks or halves:
        log.info("%d marks of forms and %d half-written files removed", marks, halves)
