"""Reads for the agents' pages. Each starts from what tickets.access lets the reader see."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from otklik.desks.access import worked_desks
from otklik.desks.models import Desk, Queue, Status
from otklik.people.models import Person
from otklik.tickets.access import worked_tickets
from otklik.tickets.filters import narrow
from otklik.tickets.finding import found as search
from otklik.tickets.finding import sought
from otklik.tickets.models import Message, Participant, Ticket

FOUND_AT_MOST = 50
CALLERS_AT_MOST = 50


def queue_of(desk: Desk, queue_id: int) -> Queue | None:
    """The desk's queue with this id."""
    return Queue.objects.filter(desk=desk, pk=queue_id).first()


def first_queue_of(desk: Desk) -> Queue | None:
    """The queue that opens with the desk."""
    return Queue.objects.filter(desk=desk).order_by("position", "id").first()


def queue_tickets(person: Person, queue: Queue) -> QuerySet[Ticket]:
    """What stands in the queue now, for this reader; unsorted."""
    return narrow(worked_tickets(person).filter(desk_id=queue.desk_id), queue.criteria, person)


def rows_of(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """The tickets with all that a row of a list shows: one query, however many rows."""
    held = Message.objects.filter(ticket=OuterRef("pk"), held=True)
    return tickets.select_related("status", "priority", "requester", "assignee", "request_type").annotate(
        has_held=Exists(held)
    )


def open_only(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Without those that are done."""
    return tickets.exclude(status__category=Status.Category.DONE)


def with_held(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Those that hold a message which waits for an agent."""
    return tickets.filter(pk__in=Message.objects.filter(held=True).values("ticket_id"))


def other_open(viewer: Person, ticket: Ticket) -> QuerySet[Ticket]:
    """The requester's other open requests at the desks where the viewer works, newest first."""
    if ticket.requester_id is None:
        return Ticket.objects.none()
    mine = worked_tickets(viewer).filter(requester_id=ticket.requester_id).exclude(pk=ticket.pk)
    return open_only(mine).select_related("status").order_by("-updated_at", "-id")


def found(person: Person, words: str) -> list[Ticket]:
    """Tickets in which the words stand, or whose requester they name; newest change first, one more than is shown.

    Everything said counts, internal notes and held mail too: the reader works at these desks.
    """
    understood = sought(words)
    if understood is None:
        return []
    tickets = rows_of(worked_tickets(person)).order_by("-updated_at", "-id")
    near = list(search(tickets, Message.objects.all(), understood)[: FOUND_AT_MOST + 1])
    callers = list(known_callers(person, words)[:CALLERS_AT_MOST])
    near += tickets.filter(requester__in=callers)[: FOUND_AT_MOST + 1] if callers else []
    every = {ticket.pk: ticket for ticket in near}.values()
    return sorted(every, key=lambda ticket: (ticket.updated_at, ticket.pk), reverse=True)[: FOUND_AT_MOST + 1]


def known_callers(viewer: Person, words: str) -> QuerySet[Person]:
    """People on tickets of the viewer's desks whose name, address or phone holds the words (AB-47)."""
    ours = Participant.objects.filter(person=OuterRef("pk"), ticket__desk__in=worked_desks(viewer))
    near = Q(name__icontains=words) | Q(email__icontains=words)
    digits = "".join(c for c in words if c.isdigit())
    if len(digits) >= 3:
        # +7 and 8 begin the same Russian number, so the rest of it is what counts.
        near |= Q(phones__number__contains=digits[1:] if len(digits) == 11 else digits)
    people = Person.objects.filter(near, Exists(ours), is_active=True)
    return people.distinct().prefetch_related("phones").order_by("name", "id")


def known_caller(viewer: Person, person_id: int) -> Person | None:
    """One of the people whom `known_callers` may show."""
    ours = Participant.objects.filter(person=OuterRef("pk"), ticket__desk__in=worked_desks(viewer))
    people = Person.objects.filter(Exists(ours), pk=person_id, is_active=True)
    return people.prefetch_related("phones").first()
