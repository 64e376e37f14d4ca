"""Conditions on due times that still hold after the system clock was set back.

A time that lies further ahead than the program can have written it was written before the clock was set back. Nothing
waits for such a time, and nothing is counted by it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q

SKEW = timedelta(minutes=2)
"""The clocks of two machines, or one clock that is corrected a little, differ by less."""


def is_ahead(written_at: datetime | None, now: datetime) -> bool:
    """Return whether the time lies so far in the future that it was written before the clock was set back."""
    return written_at is not None and written_at > now + SKEW


def ahead(field: str, now: datetime) -> Q:
    """Return a condition for rows whose `field`, the time they were written, lies in the future by more than SKEW."""
    return Q(**{f"{field}__gt": now + SKEW})


def rested(now: datetime, rests: Sequence[timedelta], field: str = "retry_at") -> Q:
    """Return a condition for rows that never failed or whose wait after the last failure is over.

    `rests`: the waits after the first, second, … failure; the last one applies to all further failures. Failures are
    counted in the column `attempts`; `field` holds the time of the next try. A time further ahead than the wait allows
    was written before the clock was set back and counts as over.
    """
    rest = list(enumerate(rests[:-1], start=1))
    too_far = [Q(**{"attempts": n, f"{field}__gt": now + span + SKEW}) for n, span in rest]
    too_far.append(Q(**{"attempts__gte": len(rests), f"{field}__gt": now + rests[-1] + SKEW}))
    # A transient failure is not counted in `attempts`; its wait is that of the first.
    too_far.append(Q(**{"attempts": 0, f"{field}__gt": now + rests[0] + SKEW}))
    return reduce(or_, too_far, Q(**{f"{field}__lte": now}) | Q(**{field: None}))


def lately(field: str, now: datetime, span: timedelta) -> Q:
    """Return a condition for rows of the last `span`, for rate limits. Excludes rows from before the clock was set
    back."""
    return Q(**{f"{field}__gt": now - span, f"{field}__lte": now + SKEW})
