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
    """Whether something was written before the clock was set back."""
    return written_at is not None and written_at > now + SKEW


def ahead(field: str, now: datetime) -> Q:
    """The rows written before the clock was set back, by the column that says when they were written."""
    return Q(**{f"{field}__gt": now + SKEW})


def rested(now: datetime, rests: Sequence[timedelta], field: str = "retry_at") -> Q:
    """The rows that have not failed, or have rested since.

    `rests`: how long after the first failed try, the second and so on; the last holds for all further ones. The row
    counts its tries in `attempts`. A rest that ends later than it can is over.
    """
    rest = list(enumerate(rests[:-1], start=1))
    too_far = [Q(**{"attempts": n, f"{field}__gt": now + span + SKEW}) for n, span in rest]
    too_far.append(Q(**{"attempts__gte": len(rests), f"{field}__gt": now + rests[-1] + SKEW}))
    # A failure that is no try (trouble of the machine) rests as after the first.
    too_far.append(Q(**{"attempts": 0, f"{field}__gt": now + rests[0] + SKEW}))
    return reduce(or_, too_far, Q(**{f"{field}__lte": now}) | Q(**{field: None}))


def lately(field: str, now: datetime, span: timedelta) -> Q:
    """The rows of the last hour (say), for limits; without those written before the clock was set back."""
    return Q(**{f"{field}__gt": now - span, f"{field}__lte": now + SKEW})
