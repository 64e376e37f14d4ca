"""After an outage the mails that piled up go out at a walk, so that receiving servers do not take us for a spammer, and
new mails overtake them (reliability case RL-24)."""

import threading
from collections import deque
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

LATE = timedelta(minutes=15)
_MINUTE = timedelta(minutes=1)

# When this process tried late mails in the last minute; its threads share it.
_tried: deque[datetime] = deque()
_lock = threading.Lock()


def may_go(now: datetime) -> Q:
    """Which mails may be tried now: all, or only fresh ones when this worker's late ones have used up their minute."""
    with _lock:
        while _tried and abs(now - _tried[0]) > _MINUTE:
            _tried.popleft()
    used_up = settings.LATE_PER_MINUTE and len(_tried) >= settings.LATE_PER_MINUTE
    return Q(created_at__gte=now - LATE) if used_up else Q()


def takes(created_at: datetime, now: datetime) -> bool:
    """Whether this mail may be tried now; a late one that may is counted."""
    if now - created_at <= LATE:
        return True
    with _lock:
        if settings.LATE_PER_MINUTE and len(_tried) >= settings.LATE_PER_MINUTE:
            return False
        _tried.append(now)
    return True


def forget() -> None:
    """As a worker that has just started."""
    _tried.clear()
