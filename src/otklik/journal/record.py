"""Record events in the journal."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from otklik.core.notify_channel import wake
from otklik.journal.events import TypedEvent
from otklik.journal.models import Event

TOPIC = "events"


class By(Protocol):
    """What the journal needs of an actor; people.actor.Actor has it. The journal cannot import people."""

    @property
    def label(self) -> str:
        """The actor's name as text, which must stay readable after the person is gone."""

    @property
    def id(self) -> int | None:
        """The person's id; None for the system."""

    @property
    def via(self) -> str:
        """The way in: mail, portal, agent, cli, demo or system."""

    @property
    def cause(self) -> Event | None:
        """The event that this action reacts to; None if a person started it."""

    @property
    def batch(self) -> UUID | None:
        """The id that all actions of one bulk action share; None for single ones."""

    @property
    def held_until(self) -> datetime | None:
        """The time before which nothing reacts to the action; None for at once."""


def record(typed: TypedEvent, *, about: int, by: By, at: datetime) -> Event:
    """Save an event and wake the worker on commit; returns the saved row.

    `about`: the id of the event's subject, whose kind the event's class gives. `at`: when the change was made. Must run
    inside the transaction of that change.
    """
    event = build_event(typed, about=about, by=by, at=at)
    record_all([event])
    return event


def build_event(typed: TypedEvent, *, about: int, by: By, at: datetime) -> Event:
    """Return the unsaved row that `record` would save."""
    return Event(
        kind=typed.kind,
        subject_kind=typed.subject,
        subject_id=about,
        actor=by.label[:400],
        actor_id=by.id,
        via=by.via,
        cause_id=by.cause.pk if by.cause else None,
        depth=by.cause.depth + 1 if by.cause else 0,
        batch_id=by.batch or (by.cause.batch_id if by.cause else None),
        not_before=by.held_until,
        at=at,
        data=typed.to_data(),
    )


def record_all(events: Sequence[Event]) -> None:
    """Save rows from `build_event` in order, and wake the worker on commit unless all of them are held back.

    Must run inside the transaction of the changes.
    """
    if events:
        Event.objects.bulk_create(events)
    if any(event.not_before is None for event in events):
        wake(TOPIC)
