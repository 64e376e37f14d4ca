"""The worker's heartbeat, by which monitoring notices that it has stopped (RL-50)."""

from collections.abc import Iterable
from datetime import datetime

from otklik.core.models import Heartbeat


def beat(share: str, at: datetime) -> None:
    """Record that the process with this share of the work is alive."""
    Heartbeat.objects.update_or_create(name=_name(share), defaults={"at": at})


def last_beat(shares: Iterable[str]) -> datetime | None:
    """Return the oldest of these shares' last heartbeats; None if one never had any."""
    names = {_name(share) for share in shares}
    beats = list(Heartbeat.objects.filter(name__in=names).values_list("at", flat=True))
    return min(beats) if len(beats) == len(names) else None


def _name(share: str) -> str:
    return f"worker {share}"
