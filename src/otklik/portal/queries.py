"""Reads for the portal."""

from dataclasses import dataclass

from django.db.models import QuerySet

from otklik.desks.models import Status
from otklik.people.models import Person
from otklik.tickets.access import customer_messages, involved_tickets
from otklik.tickets.finding import found, numbered, sought
from otklik.tickets.models import Ticket

# What the list may be sorted by: Jira's names and the columns' own; nothing else reaches the ORM (AB-51).
SORTS = {
    "createdDate": "created_at",
    "updatedDate": "updated_at",
    "reference": "number",
    "subject": "subject",
    "status": "status__position",
    "type": "request_type__position",
    "desk": "desk__name",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What «Запросы» was asked for, checked. `reporter`: "me", "participant", "all", or an organisation's id."""

    status: str = "open"
    reporter: str | int = "me"
    type_id: int | None = None
    desk_id: int | None = None
    text: str = ""
    sort: str = "updatedDate"
    descending: bool = True


def open_request_count(person: Person) -> int:
    """How many of the person's own open requests the header's badge shows."""
    return _by_status(_by_reporter(involved_tickets(person), person, "me"), "open").count()


def wanted_tickets(person: Person, wanted: Wanted) -> QuerySet[Ticket]:
    """The person's requests that were asked for, in order; ties by id, so pages never overlap."""
    tickets = _by_status(_by_reporter(involved_tickets(person), person, wanted.reporter), wanted.status)
    if wanted.type_id is not None:
        tickets = tickets.filter(request_type_id=wanted.type_id)
    if wanted.desk_id is not None:
        tickets = tickets.filter(desk_id=wanted.desk_id)
    if wanted.text:
        words = sought(wanted.text)
        near = found(tickets, customer_messages(person), words) if words else tickets.none()
        tickets = numbered(tickets, wanted.text) | near
    sign = "-" if wanted.descending else ""
    return tickets.order_by(f"{sign}{SORTS[wanted.sort]}", f"{sign}id")


def _by_status(tickets: QuerySet[Ticket], status: str) -> QuerySet[Ticket]:
    if status == "closed":
        return tickets.filter(status__category=Status.Category.DONE)
    return tickets.exclude(status__category=Status.Category.DONE) if status == "open" else tickets


def _by_reporter(tickets: QuerySet[Ticket], person: Person, reporter: str | int) -> QuerySet[Ticket]:
    if isinstance(reporter, int):
        return tickets.filter(requester__organizations__in=person.organizations.filter(pk=reporter))
    if reporter == "me":
        return tickets.filter(requester=person)
    return tickets.exclude(requester=person) if reporter == "participant" else tickets
