"""Write an event."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from otklik.core.notify_channel import wake
from otklik.journal.events import TypedEvent
from otklik.journal.models import Event

TOPIC = "events"


class By(Protocol):
    """Who acts, as the journal writes it down (people.actor.Actor)."""

    @property
    def label(self) -> str:
        """Plain text that stays true after the person is gone."""

    @property
    def id(self) -> int | None:
        """The person's id; None for the product itself."""

    @property
    def via(self) -> str:
        """The way in: mail, portal, agent, cli, system."""

    @property
    def cause(self) -> Event | None:
        """The event that this act follows from; None for what somebody does by themselves."""

    @property
    def batch(self) -> UUID | None:
        """What several acts have in common that were one act of a person."""

    @property
    def held_until(self) -> datetime | None:
        """Before that moment nothing reacts to the act; None: at once."""


def record(told: TypedEvent, *, about: int, by: By, at: datetime) -> Event:
    """Write one event and wake the worker when the transaction commits.

    `about` is the id of the event's subject, of the kind that its class names. Must run inside the transaction of the
    change it tells of.
    """
    event = build_event(told, about=about, by=by, at=at)
    record_all([event])
    return event


def build_event(told: TypedEvent, *, about: int, by: By, at: datetime) -> Event:
    """The event as `record` would write it, not written yet."""
    return Event(
        kind=told.kind,
        subject_kind=told.subject,
        subject_id=about,
        actor=by.label[:400],
        actor_id=by.id,
        via=by.via,
        cause_id=by.cause.pk if by.cause else None,
        depth=by.cause.depth + 1 if by.cause else 0,
        batch_id=by.batch or (by.cause.batch_id if by.cause else None),
        not_before=by.held_until,
        at=at,
        data=told.to_data(),
    )


def record_all(events: Sequence[Event]) -> None:
    """Write events, in order, and wake the worker when the transaction commits, unless all of them are to wait. Must
    run inside the transaction of the changes."""
    if events:
        Event.objects.bulk_create(events)
    if any(event.not_before is None for event in events):
        wake(TOPIC)
