"""Reads for the agents' pages. Each starts from what tickets.access lets the reader see."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.utils.translation import get_language

from otklik.core.fast_reads import AnyOf, fast_read
from otklik.core.search_text import tokens, variants
from otklik.desks.access import worked_desks
from otklik.desks.models import Desk, Queue
from otklik.desks.texts import translated
from otklik.people.models import Person
from otklik.people.queries import owners_of_like
from otklik.people.search import ids_by_pieces, initials_in, pieces_query
from otklik.tickets.models import Message, Participant, Ticket, TicketLink
from otklik.tickets.search.query import Sought
from otklik.tickets.search.ranking import Asked, Place, ranked
from otklik.tickets.search.typed import without_signs
from otklik.workspace.desk_context import Standing
from otklik.workspace.ticket_row import TicketRow, made_of, row_columns

_NEAR = ("key", "subject", "status__name", "status__texts", "status__category")
FOUND_AT_MOST = 25
CALLERS_AT_MOST = 50
LINKED_AT_MOST = 50
LINKED_BY_MAIL_AT_MOST = 10


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
    return Queue.objects.filter(desk=desk, hidden=False).order_by("position", "id").first()


def open_only(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Without those that are done."""
    return tickets.filter(closed_at=None)


def with_mail_trouble(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Those that hold a message which waits for an agent, or of which a mail did not arrive."""
    held = Message.objects.filter(held=True).values("ticket_id")
    return tickets.filter(Q(pk__in=held) | Q(undelivered_at__isnull=False))


def near(stands: Standing, ticket: Ticket, most: int) -> list[Near]:
    """Tickets linked with this one, the oldest link first, and `most` of the requester's other open ones, newest first.

    Of links that no person made (a mail named this ticket) the newest LINKED_BY_MAIL_AT_MOST, newest first, behind.
    Linked ones of the viewer's desks only: a link must not tell of one where they have no business (AB-49). One query.
    """
    rows = _near(ticket=ticket.pk, requester=ticket.requester_id or 0, desks=stands.desk_ids, most=most)
    return [
        Near(link, kind, way, key, subject, translated(name, texts), state)
        for link, kind, way, key, subject, name, texts, state in rows
    ]


@fast_read("ticket", "requester", "desks")
def _near(*, ticket: int, requester: int, desks: list[int], most: int) -> QuerySet[Any, Any]:
    """What the ticket is linked with, each way, and what else its requester has open (`link` 0), as rows alike."""
    mine = open_only(Ticket.objects.filter(AnyOf("desk_id", desks), requester_id=requester)).exclude(pk=ticket)
    not_linked = mine.order_by("-updated_at", "-id").annotate(link=Value(0), kind=Value(""), way=Value(""))
    return _linked(ticket, desks, "source", "target", "out").union(
        _linked(ticket, desks, "target", "source", "in"),
        _linked_by_mail(ticket, desks, "source", "target", "out"),
        _linked_by_mail(ticket, desks, "target", "source", "in"),
        not_linked.values_list("link", "kind", "way", *_NEAR)[:most],
        all=True,
    )


def _linked(ticket: int, desks: list[int], this: str, other: str, way: str) -> QuerySet[TicketLink, Any]:
    """Links that people made, as `_links` gives them, the oldest first."""
    return _links(ticket, desks, this, other, way).exclude(added_by=None).order_by("id")[:LINKED_AT_MOST]


def _linked_by_mail(ticket: int, desks: list[int], this: str, other: str, way: str) -> QuerySet[TicketLink, Any]:
    """Links that nobody made, as `_links` gives them, the newest first."""
    return _links(ticket, desks, this, other, way).filter(added_by=None).order_by("-id")[:LINKED_BY_MAIL_AT_MOST]


def _links(ticket: int, desks: list[int], this: str, other: str, way: str) -> QuerySet[TicketLink, Any]:
    """Links at whose end `this` the ticket is, as columns of the ticket at the end `other`."""
    links = TicketLink.objects.filter(AnyOf(f"{other}__desk_id", desks), **{this: ticket}).annotate(way=Value(way))
    return links.values_list("id", "kind", "way", *(f"{other}__{one}" for one in _NEAR))


def found(person: Person, desks: Sequence[int], typed: str, sought: Sought, *, most: int) -> list[Place]:
    """Where tickets stand that have the words or whose requester they name, the best first (ADR 120).

    `desks`: ids of desks where the person works: the caller has asked. Everything said counts, internal notes and held
    mail too. Half a dozen statements, however many tickets.
    """
    return ranked(Asked(list(desks), sought, callers_of(person, typed)), after=None, most=most)


def rows_at(places: Sequence[Place]) -> list[TicketRow]:
    """The rows of a list for these tickets, in their order."""
    return rows_with_ids([place.pk for place in places])


def rows_with_ids(tickets: Sequence[int]) -> list[TicketRow]:
    """The same by ids; which tickets the reader may see was asked before."""
    if not tickets:
        return []
    known = {row.id: row for row in made_of(_rows(tickets=list(tickets), language=get_language() or ""))}
    return [known[pk] for pk in tickets if pk in known]


@fast_read("tickets")
def _rows(*, tickets: list[int], language: str) -> QuerySet[Ticket, Any]:
    """The columns of rows for these ids, in any order."""
    return Ticket.objects.filter(AnyOf("pk", tickets)).order_by().values_list(*row_columns(language))


def known_callers(viewer: Person, text: str) -> QuerySet[Person]:
    """People on tickets of the viewer's desks with whose name, login, addresses or phones the words stand (AB-47).

    In any order, ё as е, in either keyboard layout; initials beside a surname count as such. Digits of a phone stand in
    one number.
    """
    number, pieces, initials = _ways_to_name(text)
    people = _callers(viewer, text, number=number, pieces=pieces, initials=initials)
    return people.prefetch_related("phones").order_by("name", "id")


def callers_of(viewer: Person, typed: str) -> list[int]:
    """Ids of the first CALLERS_AT_MOST of the people whom a search names: signs of the search are no part of names."""
    text = without_signs(typed)
    # One letter is in nearly every name.
    if not viewer.is_active or max(map(len, tokens(text)), default=len(text)) < 2:
        return []
    number, pieces, initials = _ways_to_name(text)
    rows = _first_callers(
        viewer=viewer.pk, is_admin=viewer.is_admin, text=text, number=number, pieces=pieces, initials=initials,
        has_number=bool(number), has_pieces=bool(pieces), has_initials=bool(initials),
    )  # fmt: skip
    return [pk for pk, _name in rows]


def _ways_to_name(text: str) -> tuple[str, str, str]:
    """Digits of a phone, what narrows by the index of people, and initials, each "" for none."""
    number = _number_in(text)
    alternatives = [*variants(text), *([number] if number else [])] or [text]
    return number, pieces_query(alternatives), initials_in(text)


def names_of(people: Sequence[int]) -> list[str]:
    """Names of these people (ids) as the filter language takes them: the login, or else the name."""
    rows = Person.objects.filter(pk__in=people).order_by("pk").only("name", "email", "login")
    return [person.login_name or person.name for person in rows if person.login_name or person.name]


@fast_read("viewer", "text", "number", "pieces", "initials")
def _first_callers(
    *, viewer: int, is_admin: bool, text: str, number: str, pieces: str, initials: str, has_number: bool,
    has_pieces: bool, has_initials: bool,
) -> QuerySet[Person, tuple[int, str]]:  # fmt: skip
    people = _callers(
        Person(pk=viewer, is_admin=is_admin),
        text,
        number=number if has_number else "",
        pieces=pieces if has_pieces else "",
        initials=initials if has_initials else "",
    )
    return people.order_by("name", "id").values_list("pk", "name")[:CALLERS_AT_MOST]


def _callers(viewer: Person, text: str, *, number: str, pieces: str, initials: str) -> QuerySet[Person]:
    """`number`: digits of a phone, if any are said; `pieces`: what narrows by an index; `initials`: see there."""
    ours = Participant.objects.filter(person=OuterRef("pk"), ticket__desk__in=worked_desks(viewer))
    near = Q()
    if number != "" or pieces == "":
        near = Q(name__icontains=text) | Q(login__icontains=text) | Q(pk__in=owners_of_like(text, pieces))
    if number != "":
        near |= Q(phones__number__contains=number)
    elif initials != "":
        near &= Q(name__iregex=initials)
    return Person.objects.filter(ids_by_pieces("pk", pieces), near, Exists(ours), is_active=True).distinct()


def _number_in(text: str) -> str:
    """+7 and 8 begin the same Russian number, so the rest of it is what counts."""
    digits = "".join(c for c in text if c.isdigit())
    if len(digits) < 3:
        return ""
    return digits[1:] if len(digits) == 11 else digits


def known_caller(viewer: Person, person_id: int) -> Person | None:
    """One of the people whom `known_callers` may show."""
    ours = Participant.objects.filter(person=OuterRef("pk"), ticket__desk__in=worked_desks(viewer))
    people = Person.objects.filter(Exists(ours), pk=person_id, is_active=True)
    return people.prefetch_related("phones").first()
