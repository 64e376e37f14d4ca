"""Rate limit for mails that queued up during an outage, so that receiving servers do not take us for a spammer and new
mails overtake them (reliability case RL-24).
"""

from datetime import datetime, timedelta

from django.conf import settings

from otklik.core.locks import lock
from otklik.mail.models import LatePace

LATE = timedelta(minutes=15)
_MINUTE = timedelta(minutes=1)


def is_late(created_at: datetime, now: datetime) -> bool:
    """Return whether a mail is so late that it is throttled."""
    return now - created_at > LATE


def take(wanted: int, now: datetime) -> int:
    """Return how many of the `wanted` late mails may be tried now, counting them against this minute.

    Call in a transaction: it locks the single row shared by all workers.
    """
    if not settings.LATE_PER_MINUTE or not wanted:
        return wanted
    LatePace.objects.bulk_create([LatePace(pk=1, since=now)], ignore_conflicts=True)
    pace = lock(LatePace, 1)
    if abs(now - pace.since) > _MINUTE:
        pace.since, pace.tried = now, 0
    granted = max(0, min(wanted, settings.LATE_PER_MINUTE - pace.tried))
    pace.tried += granted
    pace.save(update_fields=["since", "tried"])
    return granted
