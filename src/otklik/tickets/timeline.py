"""What happened on a ticket, and what of it somebody who has the page open has not seen."""

from django.db.models import QuerySet

from otklik.journal.models import Event
from otklik.people.models import Person
from otklik.tickets.models import Ticket

# Somebody's own switch for mails is nobody else's news.
_PRIVATE = ("ticket.muted", "ticket.unmuted")


def events_of(ticket: Ticket) -> QuerySet[Event]:
    """Every event of the ticket that the desk's staff may read, in order."""
    return Event.objects.filter(subject_kind="ticket", subject_id=ticket.pk).exclude(kind__in=_PRIVATE).order_by("id")


def news_for(person: Person, ticket: Ticket, seen: int) -> QuerySet[Event]:
    """What others did after the event `seen`."""
    others = events_of(ticket).filter(id__gt=seen)
    return others.exclude(actor_id=person.pk) if person.pk else others
