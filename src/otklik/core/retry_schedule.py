"""Retry schedule: how long to wait after each failure, and when to give up."""

from datetime import datetime, timedelta

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))


def again_at(attempts: int, at: datetime) -> datetime | None:
    """The next try after so many failed ones (the first is 1); None when it was the last."""
    return at + WAITS[attempts - 1] if attempts <= len(WAITS) else None
