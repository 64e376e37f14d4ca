"""Reads for the agents' pages. Each starts from what tickets.access lets the reader see."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Value

from otklik.core.fast_reads import AnyOf, fast_read
from otklik.desks.access import worked_desks
from otklik.desks.desk_snapshot import QueueLine
from otklik.desks.models import Desk, Queue
from otklik.desks.texts import translated
from otklik.people.models import Person
from otklik.people.queries import owners_of_like
from otklik.people.search import with_pieces
from otklik.tickets.access import tickets_at, worked_tickets
from otklik.tickets.models import Message, Participant, Ticket, TicketLink
from otklik.tickets.search.filters import narrow
from otklik.tickets.search.query import Sought
from otklik.tickets.search.query import found as search
from otklik.workspace.desk_context import Standing

_NEAR = ("key", "subject", "status__name", "status__texts", "status__category")
FOUND_AT_MOST = 50
CALLERS_AT_MOST = 50
LINKED_AT_MOST = 50
ROW = (
    "id", "key", "subject",
    "request_type__icon", "request_type__name", "request_type__texts",
    "requester_id", "requester__name", "requester__email",
    "status__name", "status__texts", "status__category", "priority__name", "priority__texts", "priority__level",
    "assignee_id", "assignee__name",
    "assignee__email", "created_at", "updated_at", "sender_unverified", "undelivered_at",
    "has_held",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Near:
    """Another ticket in one line. `link_id`: 0 for one that is not linked; `kind`, `way`: as workspace.pages.links says
    it from the ticket at hand."""

    link_id: int
    kind: str
    way: str
    key: str
    subject: str
    status: str
    category: str


def first_queue_of(desk: Desk) -> Queue | None:
    """The queue that opens with the desk."""
    return Queue.objects.filter(desk=desk).order_by("position", "id").first()


def queue_tickets(
    stands: Standing, desk: Desk, queue: QueueLine, answers: dict[str, Any] | None = None
) -> QuerySet[Ticket]:
    """What is in the queue now, for this reader, who works at the desk; unsorted. `answers`: a further criterion."""
    tickets = narrow(tickets_at([desk.pk]), queue.criteria, stands.person, stands.parts[desk.pk].statuses)
    return narrow(tickets, {"answers": answers}, stands.person) if answers else tickets


def rows_of(tickets: QuerySet[Ticket]) -> QuerySet[Ticket, Any]:
    """The tickets with all that a row of a list shows, as tuples: one query, however many rows."""
    held = Message.objects.filter(ticket=OuterRef("pk"), held=True)
    return tickets.annotate(has_held=Exists(held)).values_list(*ROW, named=True)


def open_only(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Without those that are done."""
    return tickets.filter(closed_at=None)


def with_mail_trouble(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Those that hold a message which waits for an agent, or of which a mail did not arrive."""
    held = Message.objects.filter(held=True).values("ticket_id")
    return tickets.filter(Q(pk__in=held) | Q(undelivered_at__isnull=False))


def near(stands: Standing, ticket: Ticket, most: int) -> list[Near]:
    """Tickets linked with this one, the oldest link first, and `most` of the requester's other open ones, newest first.

    Linked ones of this desk only: a link must not tell of a desk the viewer has no business with (AB-49). One query.
    """
    rows = _near(
        ticket=ticket.pk, desk=ticket.desk_id, requester=ticket.requester_id or 0, desks=stands.desk_ids, most=most
    )
    return [
        Near(link, kind, way, key, subject, translated(name, texts), state)
        for link, kind, way, key, subject, name, texts, state in rows
    ]


@fast_read("ticket", "desk", "requester", "desks")
def _near(*, ticket: int, desk: int, requester: int, desks: list[int], most: int) -> QuerySet[Any, Any]:
    mine = open_only(Ticket.objects.filter(AnyOf("desk_id", desks), requester_id=requester)).exclude(pk=ticket)
    not_linked = mine.order_by("-updated_at", "-id").annotate(link=Value(0), kind=Value(""), way=Value(""))
    this = Ticket(pk=ticket, desk_id=desk)
    return _linked(this, "source", "target", "out").union(
        _linked(this, "target", "source", "in"),
        not_linked.values_list("link", "kind", "way", *_NEAR)[:most],
        all=True,
    )


def _linked(ticket: Ticket, this: str, other: str, way: str) -> QuerySet[TicketLink, Any]:
    """Links at whose end `this` the ticket is, as columns of the ticket at the end `other`."""
    links = TicketLink.objects.filter(**{this: ticket.pk, f"{other}__desk": ticket.desk_id}).annotate(way=Value(way))
    return links.order_by("id").values_list("id", "kind", "way", *(f"{other}__{one}" for one in _NEAR))[:LINKED_AT_MOST]


def found(person: Person, typed: str, words: Sought, *, state: str = "", desk_ids: Sequence[int] = ()) -> list[Any]:
    """Tickets in which the words stand, or whose requester they name; newest change first, one more than is shown.

    `state`: "open", "closed" or anything else for both; `desk_ids`: of these desks only, as far as the reader works
    there. Everything said counts, internal notes and held mail too.
    """
    tickets = worked_tickets(person).filter(desk__in=desk_ids) if desk_ids else worked_tickets(person)
    if state in {"open", "closed"}:
        tickets = tickets.filter(closed_at__isnull=state == "open")
    tickets = tickets.order_by("-updated_at", "-id")
    near = list(rows_of(search(tickets, Message.objects.all(), words))[: FOUND_AT_MOST + 1])
    callers = list(known_callers(person, typed).values_list("pk", flat=True)[:CALLERS_AT_MOST])
    near += rows_of(tickets.filter(requester__in=callers))[: FOUND_AT_MOST + 1] if callers else []
    every = {ticket.id: ticket for ticket in near}.values()
    return sorted(every, key=lambda ticket: (ticket.updated_at, ticket.id), reverse=True)[: FOUND_AT_MOST + 1]


def known_callers(viewer: Person, words: str) -> QuerySet[Person]:
    """People on tickets of the viewer's desks whose name, login, any address or phone holds the words (AB-47)."""
    ours = Participant.objects.filter(person=OuterRef("pk"), ticket__desk__in=worked_desks(viewer))
    near = Q(name__icontains=words) | Q(login__icontains=words) | Q(pk__in=owners_of_like(words))
    pieces = [words]
    digits = "".join(c for c in words if c.isdigit())
    if len(digits) >= 3:
        # +7 and 8 begin the same Russian number, so the rest of it is what counts.
        number = digits[1:] if len(digits) == 11 else digits
        near |= Q(phones__number__contains=number)
        pieces.append(number)
    people = Person.objects.filter(with_pieces(pieces), near, Exists(ours), is_active=True)
    return people.distinct().prefetch_related("phones").order_by("name", "id")


def known_caller(viewer: Person, person_id: int) -> Person | None:
    """One of the people whom `known_callers` may show."""
    ours = Participant.objects.filter(person=OuterRef("pk"), ticket__desk__in=worked_desks(viewer))
    people = Person.objects.filter(Exists(ours), pk=person_id, is_active=True)
    return people.prefetch_related("phones").first()
