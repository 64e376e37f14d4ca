"""Reads for the portal."""

from otklik.desks.models import Status
from otklik.people.models import Person
from otklik.tickets.access import involved_tickets


def open_request_count(person: Person) -> int:
    """How many of the person's own open requests the header's badge shows."""
    return (
        involved_tickets(person)
        .filter(requester=person)
        .exclude(status__category=Status.Category.DONE)
        .count()
    )
