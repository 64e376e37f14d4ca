"""The worker's sign of life, so that a silent stop is noticed (RL-50)."""

from datetime import datetime

from otklik.core.models import Heartbeat

NAME = "worker"


def beat(at: datetime) -> None:
    """Say that the worker lives."""
    Heartbeat.objects.update_or_create(name=NAME, defaults={"at": at})


def last_beat() -> datetime | None:
    """When the worker last lived; None when it never did."""
    return Heartbeat.objects.filter(name=NAME).values_list("at", flat=True).first()
