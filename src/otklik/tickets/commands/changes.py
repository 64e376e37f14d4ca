"""Record which fields of a locked ticket a command changed, as `Change` rows."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Model

from otklik.core.batch_cache import remembered
from otklik.desks.models import Resolution
from otklik.desks.texts import name_of
from otklik.journal.models import Event
from otklik.people.models import Person
from otklik.tickets.answers.display import fields_of, words_of
from otklik.tickets.models import Change, Ticket

_STOOD = "_stood"
_DESKS = (
    Change.Field.DESK, Change.Field.STATUS, Change.Field.PRIORITY, Change.Field.REQUEST_TYPE, Change.Field.RESOLUTION,
)  # fmt: skip
_PEOPLE = (Change.Field.ASSIGNEE, Change.Field.REQUESTER)


def remember(ticket: Ticket) -> None:
    """Remember the ticket's current values, for `changes_of` to compare with. No query."""
    stood: dict[str, Any] = {field: getattr(ticket, f"{field}_id") for field in (*_DESKS, *_PEOPLE)}
    loaded = {field: ticket._state.fields_cache.get(field) for field in stood}
    setattr(ticket, _STOOD, {**stood, "texts": _texts(ticket), "answers": dict(ticket.answers), "rows": loaded})


def changes_of(ticket: Ticket, event: Event, at: datetime) -> list[Change]:
    """Return unsaved Change rows for all fields that differ since `remember`, which is then repeated.

    `event` is the event they belong to. Empty for a ticket without `remember`, which is being opened. One query per
    former person or request type that is not loaded, and one for the form's fields if answers changed.
    """
    stood = getattr(ticket, _STOOD, None)
    if stood is None:
        return []
    rows = [*_linked(ticket, stood), *_written(ticket, stood), *_answers(ticket, stood)]
    for change in rows:
        change.ticket, change.event, change.at, change.actor_id = ticket, event, at, event.actor_id
    if rows:
        remember(ticket)
    return rows


def _linked(ticket: Ticket, stood: dict[str, Any]) -> Iterator[Change]:
    for field in (*_DESKS, *_PEOPLE):
        old, new = stood[field], getattr(ticket, f"{field}_id")
        if old != new:
            ids = {"old_person_id": old, "new_person_id": new} if field in _PEOPLE else {"old_id": old, "new_id": new}
            was = stood["rows"][field] or _row(field, old)
            yield Change(field=field, old=_name(was, ticket), new=_name(getattr(ticket, field), ticket), **ids)


@remembered
def _row(field: str, pk: int | None) -> Model | None:
    table = Ticket._meta.get_field(field).related_model
    return None if pk is None else table._default_manager.filter(pk=pk).first()  # type: ignore[union-attr]


def _name(instance: Any, ticket: Ticket) -> str:
    if instance is None:
        return ""
    if isinstance(instance, Resolution):
        return name_of(instance, ticket.desk.language)
    return instance.display_name if isinstance(instance, Person) else str(instance.name)


def _texts(ticket: Ticket) -> dict[str, str]:
    return {
        Change.Field.SUBJECT: ticket.subject,
        Change.Field.DUE: ticket.due.isoformat() if ticket.due else "",
        Change.Field.LABELS: " ".join(ticket.labels),
    }


def _written(ticket: Ticket, stood: dict[str, Any]) -> Iterator[Change]:
    for field, new in _texts(ticket).items():
        if (old := stood["texts"][field]) != new:
            yield Change(field=field, old=old, new=new)


def _answers(ticket: Ticket, stood: dict[str, Any]) -> Iterator[Change]:
    before, after = stood["answers"], ticket.answers
    changed = {key for key in (*before, *after) if before.get(key) != after.get(key)}
    if not changed:
        return
    asked = {field.key: field for field in fields_of(Ticket(desk_id=ticket.desk_id, answers={**before, **after}))}
    for key in sorted(changed & asked.keys()):
        shown = [words_of(asked[key], answers[key]) if key in answers else "" for answers in (before, after)]
        yield Change(field=f"answer:{key}", old=shown[0], new=shown[1])
