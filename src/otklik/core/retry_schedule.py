"""Retry schedule: how long to wait after each failure, and when to give up."""

from collections.abc import Sequence
from datetime import datetime, timedelta

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))


def again_at(attempts: int, at: datetime, waits: Sequence[timedelta] = WAITS) -> datetime | None:
    """Return the time of the next attempt after `attempts` failed ones (1 or more); None if there is none."""
    return at + waits[attempts - 1] if attempts <= len(waits) else None
