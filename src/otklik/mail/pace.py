"""After an outage the mails that piled up go out at a walk, so that receiving servers do not take us for a spammer, and
new mails overtake them (reliability case RL-24)."""

import threading
from collections import deque
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

LATE = timedelta(minutes=15)
_MINUTE = timedelta(minutes=1)


class _Local(threading.local):
    """When this worker tried late mails in the last minute."""

    def __init__(self) -> None:
        self.tried: deque[datetime] = deque()


_local = _Local()


def may_go(now: datetime) -> Q:
    """Which mails may be tried now: all, or only fresh ones when this worker's late ones have used up their minute."""
    while _local.tried and abs(now - _local.tried[0]) > _MINUTE:
        _local.tried.popleft()
    used_up = settings.LATE_PER_MINUTE and len(_local.tried) >= settings.LATE_PER_MINUTE
    return Q(created_at__gte=now - LATE) if used_up else Q()


def note(created_at: datetime, now: datetime) -> None:
    """A mail is being tried."""
    if now - created_at > LATE:
        _local.tried.append(now)


def forget() -> None:
    """As a worker that has just started."""
    _local.tried.clear()
