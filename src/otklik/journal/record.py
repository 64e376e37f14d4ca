"""Write an event."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from otklik.core.wakeup import wake
from otklik.journal.models import Event

TOPIC = "events"


def record(
    *,
    kind: str,
    subject: tuple[str, int],
    actor: str,
    actor_id: int | None,
    via: str,
    at: datetime,
    data: dict[str, Any] | None = None,
) -> Event:
    """Write one event and wake the worker when the transaction commits.

    `subject` is (kind, id), e.g. ("ticket", 17); `actor` is plain text that stays true after the person is gone;
    `via` is the way in: mail, portal, agent, cli, system. Must run inside the transaction of the change it tells of.
    """
    event = told(kind=kind, subject=subject, actor=actor, actor_id=actor_id, via=via, at=at, data=data)
    record_all([event])
    return event


def told(
    *,
    kind: str,
    subject: tuple[str, int],
    actor: str,
    actor_id: int | None,
    via: str,
    at: datetime,
    data: dict[str, Any] | None = None,
) -> Event:
    """The event as `record` would write it, not written yet."""
    return Event(
        kind=kind,
        subject_kind=subject[0],
        subject_id=subject[1],
        actor=actor[:400],
        actor_id=actor_id,
        via=via,
        at=at,
        data=data or {},
    )


def record_all(events: Sequence[Event]) -> None:
    """Write events, in order, and wake the worker when the transaction commits. Must run inside that of the changes."""
    if events:
        Event.objects.bulk_create(events)
        wake(TOPIC)
