"""What happened on a ticket, and what of it somebody who has the page open has not seen."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import get_language

from otklik.desks.models import Desk, Priority, Status
from otklik.desks.texts import name_of
from otklik.journal.models import Event
from otklik.people.models import Person
from otklik.tickets.models import Ticket

# Somebody's own switch for mails is nobody else's news.
_PRIVATE = ("ticket.muted", "ticket.unmuted")
_NAME_STATUSES = ("ticket.status_changed", "ticket.commented", "ticket.approval_answered", "ticket.rated")


def events_of(ticket: Ticket) -> QuerySet[Event]:
    """Every event of the ticket that the desk's staff may read, in order."""
    return Event.objects.filter(subject_kind="ticket", subject_id=ticket.pk).exclude(kind__in=_PRIVATE).order_by("id")


def news_for(person: Person, ticket: Ticket, seen: int) -> QuerySet[Event]:
    """What others did after the event `seen`."""
    others = events_of(ticket).filter(id__gt=seen)
    return others.exclude(actor_id=person.pk) if person.pk else others


def worded(desk: Desk, events: Iterable[Event]) -> list[Event]:
    """The events with the names of statuses and priorities in the reader's language, as far as the desk still has rows
    of these names. Two queries where the reader's language is not the desk's, else none. Saves nothing."""
    found = list(events)
    if not found or get_language() == desk.language:
        return found
    statuses = {row.name: name_of(row) for row in Status.objects.filter(desk=desk)}
    priorities = {row.name: name_of(row) for row in Priority.objects.filter(desk=desk)}
    for event in found:
        if event.kind in _NAME_STATUSES:
            _reword(event, statuses)
        elif event.kind == "ticket.fields_changed" and event.data.get("field") == "priority":
            _reword(event, priorities)
    return found


def _reword(event: Event, names: dict[str, str]) -> None:
    for key in ("before", "after", "moved"):
        if event.data.get(key) in names:
            event.data[key] = names[event.data[key]]
