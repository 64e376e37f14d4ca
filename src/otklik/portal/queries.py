"""Reads for the portal."""

from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from otklik.desks.models import Status
from otklik.desks.texts import name_of
from otklik.people.models import Person
from otklik.portal.listing import SORTS, Wanted
from otklik.tickets.access import customer_messages, customer_tickets, involved_tickets, organization_tickets
from otklik.tickets.approvals import votes_of
from otklik.tickets.models import Approval, Ticket
from otklik.tickets.read_marks import unseen
from otklik.tickets.search.query import Sought, found, numbered


def open_tickets(person: Person) -> QuerySet[Ticket]:
    """The person's own open requests."""
    return _by_status(involved_tickets(person).filter(requester=person.pk), "open")


def waiting_tickets(person: Person) -> QuerySet[Ticket]:
    """What goes on when the person answers: own requests that wait, and requests that need the person's approval."""
    own = involved_tickets(person).filter(requester=person.pk, status__category=Status.Category.WAITING)
    asked = votes_of(person, pending=True).order_by().values(found=F("approval__ticket"))
    return Ticket.objects.filter(pk__in=own.order_by().values(found=F("pk")).union(asked, all=True))


def wanted_tickets(person: Person, wanted: Wanted, words: Sought | None) -> QuerySet[Ticket]:
    """The person's requests that were asked for, unsorted. `words`: what `wanted.text` was understood as.

    A request whose number was typed is found whatever else is asked for.
    """
    tickets = _narrowed(person, wanted)
    if not wanted.text:
        return tickets
    near = found(tickets, customer_messages(person), words) if words else tickets.none()
    named = named_tickets(person, wanted.text)
    return customer_tickets(person).filter(Q(pk__in=named) | Q(pk__in=near.values("pk"))) if named else near


def named_tickets(person: Person, text: str) -> list[int]:
    """Ids of the requests whose number this is."""
    return list(numbered(customer_tickets(person), text).order_by("-shown_at").values_list("pk", flat=True)[:10])


def in_order(tickets: QuerySet[Ticket], wanted: Wanted) -> QuerySet[Ticket]:
    """Sorted; ties by id, so pages never overlap."""
    sign = "-" if wanted.descending else ""
    return tickets.order_by(f"{sign}{SORTS[wanted.sort]}", f"{sign}id")


def _narrowed(person: Person, wanted: Wanted) -> QuerySet[Ticket]:
    tickets = _by_status(_by_reporter(person, wanted.reporter), wanted.status)
    if wanted.type_id is not None:
        tickets = tickets.filter(request_type_id=wanted.type_id)
    if wanted.desk_id is not None:
        tickets = tickets.filter(desk_id=wanted.desk_id)
    if wanted.show == "waiting":
        tickets = tickets.filter(pk__in=waiting_tickets(person).values("pk"))
    return unseen(person, tickets) if wanted.show == "new" else tickets


def with_approvals(person: Person, tickets: QuerySet[Ticket]) -> QuerySet[Any]:
    """The tickets, each with `needs_me`: the person's approval is waited for; `needs_approval`: somebody's is."""
    mine = votes_of(person, pending=True).filter(approval__ticket=OuterRef("pk")).order_by()
    open_ones = Approval.objects.filter(ticket=OuterRef("pk"), state=Approval.State.PENDING)
    return tickets.annotate(needs_me=Exists(mine), needs_approval=Exists(open_ones))


def _by_status(tickets: QuerySet[Ticket], status: str | int) -> QuerySet[Ticket]:
    if isinstance(status, int):
        named = {row.pk: name_of(row) for row in Status.objects.all()}
        return tickets.filter(status__in=[pk for pk, name in named.items() if name == named.get(status)])
    if status == "closed":
        return tickets.filter(status__category=Status.Category.DONE)
    return tickets.exclude(status__category=Status.Category.DONE) if status == "open" else tickets


def _by_reporter(person: Person, reporter: str | int) -> QuerySet[Ticket]:
    if isinstance(reporter, int):
        return organization_tickets(person, reporter)
    if reporter == "me":
        return involved_tickets(person).filter(requester=person.pk)
    return (
        involved_tickets(person).exclude(requester=person.pk) if reporter == "participant" else customer_tickets(person)
    )
