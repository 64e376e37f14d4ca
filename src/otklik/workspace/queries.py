"""Reads for the agents' pages. Each starts from what tickets.access lets the reader see."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from otklik.desks.access import worked_desks
from otklik.desks.models import Desk, Queue, Status
from otklik.people.models import Person
from otklik.tickets.access import worked_tickets
from otklik.tickets.filters import narrow
from otklik.tickets.models import Message, Participant, Ticket

FOUND_AT_MOST = 50


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


def found(person: Person, words: str) -> QuerySet[Ticket]:
    """Tickets whose subject or requester holds the words; newest change first. A plain search: the real one comes."""
    near = (
        Q(subject__icontains=words)
        | Q(key__iexact=words)
        | Q(requester__name__icontains=words)
        | Q(requester__email__icontains=words)
    )
    return worked_tickets(person).filter(near).order_by("-updated_at", "-id")


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
