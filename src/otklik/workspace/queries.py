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
from otklik.tickets.search.query import ParsedSearch
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
    """A linked or related ticket as a line.

    `link_id`: 0 if it is not linked; `kind` and `way`: see workspace.pages.links.
    """

    link_id: int
    kind: str
    way: str
    key: str
    subject: str
    status: str
    category: str


def first_queue_of(desk: Desk) -> Queue | None:
    """Return the desk's first visible queue, shown when the desk is opened, or None."""
    return Queue.objects.filter(desk=desk, hidden=False).order_by("position", "id").first()


def open_only(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Return the tickets that are not closed."""
    return tickets.filter(closed_at=None)


def with_mail_trouble(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Return the tickets with a held message or with an undelivered mail."""
    held = Message.objects.filter(held=True).values("ticket_id")
    return tickets.filter(Q(pk__in=held) | Q(undelivered_at__isnull=False))


def related_tickets(stands: Standing, ticket: Ticket, most: int) -> list[Near]:
    """Return linked tickets, oldest link first, then `most` other open tickets of the requester, newest first.

    Links created from a mail that named this ticket come last, the newest LINKED_BY_MAIL_AT_MOST. Tickets of desks
    where the viewer does not work are left out, because a link would reveal them (AB-49). One query.
    """
    rows = _near(ticket=ticket.pk, requester=ticket.requester_id or 0, desks=stands.desk_ids, most=most)
    return [
        Near(link, kind, way, key, subject, translated(name, texts), state)
        for link, kind, way, key, subject, name, texts, state in rows
    ]


@fast_read("ticket", "requester", "desks")
def _near(*, ticket: int, requester: int, desks: list[int], most: int) -> QuerySet[Any, Any]:
    """Links in both directions and the requester's other open tickets (`link` 0), as rows of one union."""
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
    """Links created by people, oldest first, as columns of the linked ticket."""
    return _links(ticket, desks, this, other, way).exclude(added_by=None).order_by("id")[:LINKED_AT_MOST]


def _linked_by_mail(ticket: int, desks: list[int], this: str, other: str, way: str) -> QuerySet[TicketLink, Any]:
    """Links created from mails, newest first, as columns of the linked ticket."""
    return _links(ticket, desks, this, other, way).filter(added_by=None).order_by("-id")[:LINKED_BY_MAIL_AT_MOST]


def _links(ticket: int, desks: list[int], this: str, other: str, way: str) -> QuerySet[TicketLink, Any]:
    """Links whose end `this` is the ticket, as columns of the ticket at the end `other`."""
    links = TicketLink.objects.filter(AnyOf(f"{other}__desk_id", desks), **{this: ticket}).annotate(way=Value(way))
    return links.values_list("id", "kind", "way", *(f"{other}__{column}" for column in _NEAR))


def found_places(person: Person, desks: Sequence[int], typed: str, search: ParsedSearch, *, most: int) -> list[Place]:
    """Return where tickets match the text, or have a matching requester, best first (ADR 120).

    `desks`: ids of desks where the person works; this is not checked. Searches all messages, internal notes and held
    mail included. About six statements, however many tickets there are.
    """
    return ranked(Asked(list(desks), search, callers_of(person, typed)), after=None, most=most)


def rows_at(places: Sequence[Place]) -> list[TicketRow]:
    """Return list rows for these tickets, in this order."""
    return rows_with_ids([place.pk for place in places])


def rows_with_ids(tickets: Sequence[int]) -> list[TicketRow]:
    """Return list rows for these ticket ids, in this order. Access is not checked."""
    if not tickets:
        return []
    known = {row.id: row for row in made_of(_rows(tickets=list(tickets), language=get_language() or ""))}
    return [known[pk] for pk in tickets if pk in known]


@fast_read("tickets")
def _rows(*, tickets: list[int], language: str) -> QuerySet[Ticket, Any]:
    """Columns of rows for these ids, in any order."""
    return Ticket.objects.filter(AnyOf("pk", tickets)).order_by().values_list(*row_columns(language))


def known_callers(viewer: Person, text: str) -> QuerySet[Person]:
    """Return people on tickets of the viewer's desks (AB-47) whose name, login, address or phone matches the text.

    Words match in any order, in either keyboard layout, ё as е, and initials next to a surname. Digits must be in one
    number. `phones` are prefetched.
    """
    number, pieces, initials = _ways_to_name(text)
    people = _callers(viewer, text, number=number, pieces=pieces, initials=initials)
    return people.prefetch_related("phones").order_by("name", "id")


def callers_of(viewer: Person, typed: str) -> list[int]:
    """Return ids of the first CALLERS_AT_MOST people matching a search; its operators are not part of names."""
    text = without_signs(typed)
    # Nearly every name contains any given letter.
    if not viewer.is_active or max(map(len, tokens(text)), default=len(text)) < 2:
        return []
    number, pieces, initials = _ways_to_name(text)
    rows = _first_callers(
        viewer=viewer.pk, is_admin=viewer.is_admin, text=text, number=number, pieces=pieces, initials=initials,
        has_number=bool(number), has_pieces=bool(pieces), has_initials=bool(initials),
    )  # fmt: skip
    return [pk for pk, _name in rows]


def _ways_to_name(text: str) -> tuple[str, str, str]:
    """Return digits of a phone, a query for the people index, and a pattern for initials; each "" if there is none."""
    number = _number_in(text)
    alternatives = [*variants(text), *([number] if number else [])] or [text]
    return number, pieces_query(alternatives), initials_in(text)


def names_of(people: Sequence[int]) -> list[str]:
    """Return the names of these people (ids) for a filter query: the login, otherwise the name."""
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
    """Return the queryset of `known_callers` for the values of `_ways_to_name`."""
    ours = Participant.objects.filter(person=OuterRef("pk"), ticket__desk__in=worked_desks(viewer))
    condition = Q()
    if number != "" or pieces == "":
        condition = Q(name__icontains=text) | Q(login__icontains=text) | Q(pk__in=owners_of_like(text, pieces))
    if number != "":
        condition |= Q(phones__number__contains=number)
    elif initials != "":
        condition &= Q(name__iregex=initials)
    return Person.objects.filter(ids_by_pieces("pk", pieces), condition, Exists(ours), is_active=True).distinct()


def _number_in(text: str) -> str:
    """Return the digits for a search, without the first of 11: +7 and 8 start the same Russian numbers."""
    digits = "".join(c for c in text if c.isdigit())
    if len(digits) < 3:
        return ""
    return digits[1:] if len(digits) == 11 else digits


def known_caller(viewer: Person, person_id: int) -> Person | None:
    """Return this person if `known_callers` could list them, else None."""
    ours = Participant.objects.filter(person=OuterRef("pk"), ticket__desk__in=worked_desks(viewer))
    people = Person.objects.filter(Exists(ours), pk=person_id, is_active=True)
    return people.prefetch_related("phones").first()
