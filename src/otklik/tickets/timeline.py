"""The timeline of a ticket, and the part of it that is newer than an open page."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.utils.translation import get_language

from otklik.core.date_inputs import day_typed
from otklik.core.fast_reads import fast_read
from otklik.desks.models import Desk, Priority, RequestType, Resolution, Status
from otklik.desks.texts import name_of
from otklik.journal.events import TypedEvent
from otklik.journal.models import Event
from otklik.people.models import Person, known_as
from otklik.tickets.events import (
    ApprovalAsked,
    ApprovalReminded,
    FieldChanged,
    ParticipantAdded,
    ParticipantRemoved,
    ParticipantsAdded,
    RequesterChanged,
    TicketMuted,
    TicketUnmuted,
)
from otklik.tickets.models import Change, Ticket

# Muting concerns only the person who did it.
_PRIVATE = (TicketMuted.kind, TicketUnmuted.kind)
_NAMED: Mapping[str, type[Status] | type[Priority] | type[RequestType] | type[Resolution]] = {
    Change.Field.STATUS: Status,
    Change.Field.PRIORITY: Priority,
    Change.Field.REQUEST_TYPE: RequestType,
    Change.Field.RESOLUTION: Resolution,
}
_FACT = JSONObject(field="field", old="old", new="new", old_id="old_id", new_id="new_id", former="old_person_id")
# The attributes of typed events that hold a field's former and new value.
_PLACES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    Change.Field.STATUS: ("before", ("after", "moved")),
    Change.Field.PRIORITY: ("before", ("after",)),
    Change.Field.REQUEST_TYPE: ("before", ("after",)),
    Change.Field.RESOLUTION: ("before", ("after",)),
    Change.Field.SUBJECT: ("before", ("after",)),
    Change.Field.DUE: ("before", ("after",)),
    Change.Field.LABELS: ("before", ("after",)),
    Change.Field.REQUESTER: ("before", ("after",)),
    Change.Field.ASSIGNEE: ("former", ("assignee", "assigned")),
}


def events_of(ticket: Ticket) -> QuerySet[Event]:
    """All events of the ticket that the desk's staff may read, in order."""
    return _readable(Event.objects.filter(subject_kind="ticket", subject_id=ticket.pk))


def events_of_all(tickets: Iterable[int]) -> QuerySet[Event]:
    """Like `events_of`, for several tickets (ids)."""
    return _readable(Event.objects.filter(subject_kind="ticket", subject_id__in=list(tickets)))


def _readable(events: QuerySet[Event]) -> QuerySet[Event]:
    return events.exclude(kind__in=_PRIVATE).order_by("id")


def with_facts(events: QuerySet[Event]) -> QuerySet[Event]:
    """Annotate the changes of each event, for `worded`."""
    rows = Change.objects.filter(event=OuterRef("pk")).order_by("id").values(json=_FACT)
    return events.annotate(facts=ArraySubquery(rows))


def whole_timeline(ticket: Ticket) -> list[Event]:
    """Return all events that the desk's staff may read, in order, as `worded_for_staff`."""
    return worded_for_staff(ticket.desk, _events(ticket=ticket.pk))


@fast_read("ticket")
def _events(*, ticket: int) -> QuerySet[Event]:
    return with_facts(events_of(Ticket(pk=ticket)))


def news_for(person: Person, ticket: Ticket, seen: int) -> QuerySet[Event]:
    """Events of other people on the ticket after the event with id `seen`."""
    others = events_of(ticket).filter(id__gt=seen)
    return others.exclude(actor_id=person.pk) if person.pk else others


def worded(desk: Desk, events: Iterable[Event]) -> list[Event]:
    """Complete each event's `typed` with the former and new values of the changed field (see `with_facts`).

    Statuses, priorities, types and resolutions are named in the active language, by their present names if that is not
    the desk's language. Four queries in that case. Saves nothing.
    """
    lines: list[Any] = list(events)
    names = _names(desk) if lines and get_language() != desk.language else {}
    for event in lines:
        event.typed = _told(event, names)
    return lines


def _names(desk: Desk) -> dict[str, dict[int, str]]:
    return {field: {entry.pk: name_of(entry) for entry in _rows(table, desk)} for field, table in _NAMED.items()}


def _rows(table: Any, desk: Desk) -> Any:
    """The site's resolutions, or the desk's rows of any other model."""
    return table._default_manager.all() if table is Resolution else table._default_manager.filter(desk=desk)


def _told(event: Any, names: Mapping[str, Mapping[int, str]]) -> TypedEvent:
    told: TypedEvent = event.typed
    known = {part_field.name for part_field in fields(told)}
    values: dict[str, str] = {}
    for fact in event.facts:
        # A closing transition also sets the resolution; the line is about the status.
        if fact["field"] == Change.Field.RESOLUTION and not isinstance(told, FieldChanged):
            continue
        before, after = _PLACES.get(fact["field"], ("", ()))
        worded_value, named = _day if fact["field"] == Change.Field.DUE else str, names.get(fact["field"], {})
        if before in known:
            values[before] = worded_value(named.get(fact["old_id"], fact["old"]))
        for place in known.intersection(after):
            if getattr(told, place):
                values[place] = worded_value(named.get(fact["new_id"], fact["new"]))
    return replace(told, **values)


def worded_for_staff(desk: Desk, events: Iterable[Event]) -> list[Event]:
    """Like `worded`, with people named as `Person.staff_name` does. One more query if a name may be half an address."""
    lines: list[Any] = worded(desk, events)
    # A name with a space cannot be the local part of an address.
    people = {pk for event in lines for name, pk in _named(event) if pk and " " not in name}
    if people:
        known = dict(Person.objects.filter(pk__in=people, email__isnull=False).values_list("pk", "email"))
        for event in lines:
            event.typed = _whole(event, known)
    return lines


def _named(event: Any) -> Iterable[tuple[str, int]]:
    """The people named by the event, with their ids."""
    told = event.typed
    if isinstance(told, ApprovalAsked | ApprovalReminded):
        return zip(told.names, told.people, strict=False)
    if isinstance(told, ParticipantsAdded):
        return [(joined.name, joined.person) for joined in told.people]
    if isinstance(told, RequesterChanged):
        return [(told.before, _former(event)), (told.after, told.person)]
    return [(told.name, told.person)] if isinstance(told, ParticipantAdded | ParticipantRemoved) else ()


def _former(event: Any) -> int:
    """The id of the former requester, 0 if the event changed none."""
    return next((fact["former"] or 0 for fact in event.facts if fact["field"] == Change.Field.REQUESTER), 0)


def _whole(event: Any, known: Mapping[int, str | None]) -> TypedEvent:
    told: TypedEvent = event.typed
    if isinstance(told, ApprovalAsked | ApprovalReminded):
        pairs = zip(told.names, told.people, strict=False)
        return replace(told, names=tuple(known_as(name, known.get(pk)) for name, pk in pairs) or told.names)
    if isinstance(told, ParticipantsAdded):
        people = (replace(joined, name=known_as(joined.name, known.get(joined.person))) for joined in told.people)
        return replace(told, people=tuple(people))
    if isinstance(told, RequesterChanged):
        before, after = known_as(told.before, known.get(_former(event))), known_as(told.after, known.get(told.person))
        return replace(told, before=before, after=after)
    if isinstance(told, ParticipantAdded | ParticipantRemoved):
        return replace(told, name=known_as(told.name, known.get(told.person)))
    return told


def _day(written: str) -> str:
    """The date in the format of the active language."""
    return day_typed(date.fromisoformat(written)) if written else ""
