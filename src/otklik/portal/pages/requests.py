"""Page data for the customer's ticket list («Запросы»): rows, filter choices, chips."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from otklik.core.configuration_cache import kept
from otklik.core.fast_reads import AnyOf, Counted, fast_read
from otklik.desks.access import portal_desks
from otklik.desks.models import Desk, RequestType, Status
from otklik.desks.texts import name_of, text_of, translated
from otklik.people.models import Organization, Person
from otklik.portal.listing import Look, Wanted, look_of, number_of, reporter_value, wanted_from, words_of
from otklik.portal.models import SavedView
from otklik.portal.pages.list_columns import Column, columns_of
from otklik.portal.queries import (
    found_ids,
    in_order,
    is_common,
    is_walked,
    narrowed,
    walked_tickets,
    wanted_tickets,
    with_approvals,
)
from otklik.tickets.access import is_member_anywhere
from otklik.tickets.models import Ticket
from otklik.tickets.read_marks import unseen_of
from otklik.tickets.search.query import ParsedSearch, parse_search
from otklik.tickets.search.snippets import highlight
from otklik.ui.paging import Pages, page_count, pages_of
from otklik.ui.search_highlight import marked_words

PER_PAGE = 25
LAST_PAGE = 400
# Tickets are counted up to these numbers; counting all would be slow.
COUNTED, COUNTED_FOUND = 1000, 200

_BESIDE = ("desk", "status", "request_type", "requester", "priority")
# The columns that a row needs.
_SHOWN = (
    "key", "subject", "created_at", "shown_at", "desk__name", "desk__texts", "status__name", "status__texts",
    "status__category", "request_type__name", "request_type__texts", "request_type__icon", "requester__name",
    "requester__email", "priority__name", "priority__texts",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a list, or a chip; `url`: the chip's link."""

    value: str
    label: str
    chosen: bool
    url: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A ticket in the list.

    `new`: it has news for the reader; `waiting`: for the reader's answer; `needs_me`: for the reader's approval;
    `needs_approval`: for somebody else's. In a search, matches in `subject` are marked, and `excerpt` shows them in
    messages, "" if there are none.
    """

    key: str
    subject: str
    excerpt: str
    url: str
    type_name: str
    type_icon: str
    desk: str
    status: str
    category: str
    requester: str
    priority: str
    created_at: datetime
    updated_at: datetime
    new: bool
    waiting: bool
    needs_me: bool
    needs_approval: bool


@dataclass(frozen=True, slots=True)
class RequestList:
    """The page.

    `narrowed`: whether it is filtered, so an empty list means that nothing matches; `here`: the query string, for forms
    that return here; `elsewhere`: URL of a search in all tickets, if it has results; `shared`: number of others' open
    tickets shared with the reader, if their own list is empty.
    """

    rows: list[Row]
    pages: Pages
    columns: list[Column]
    states: list[Choice]
    statuses: list[Choice]
    reporters: list[Choice]
    types: list[Choice]
    desks: list[Choice]
    views: list[Choice]
    wanted: Wanted
    sorted: dict[str, str]
    here: str
    waiting: int
    narrowed: bool
    elsewhere: str
    shared: int
    at: datetime


def request_list(person: Person, query: QueryDict, *, waiting: int, at: datetime) -> RequestList:
    """Return the page for the URL's parameters. `waiting`: number of tickets that wait for the reader.

    The number of queries is constant, about a dozen.
    """
    look = look_of(person)
    wanted = wanted_from(query, look)
    sought_words = parse_search(wanted.text) if wanted.text else None
    asked = max(1, min(number_of(query.get("page", "")) or 1, LAST_PAGE))
    ids = found_ids(person, wanted, sought_words) if wanted.text else None
    number, total, more, tickets = (
        _page(person, wanted, sought_words, asked) if ids is None else _page_of(person, ids, asked)
    )
    desks, list_query = desks_with_statuses(person), words_of(wanted, look)
    narrowed = replace(wanted, sort="", descending=True) != replace(Wanted(), sort="")
    return RequestList(
        rows=_rows(person, tickets, sought_words),
        pages=pages_of(number=number, per_page=PER_PAGE, total=total, query=list_query, more=more),
        columns=columns_of(look, wanted),
        states=_states(wanted),
        statuses=_statuses(wanted, desks),
        reporters=_reporters(person, wanted),
        types=_types(wanted, desks),
        desks=_desks(wanted, desks),
        views=_views(person, list_query),
        wanted=wanted,
        sorted={name: list_query[name] for name in ("sortBy", "sortOrder") if name in list_query},
        here=urlencode(list_query),
        waiting=waiting,
        narrowed=narrowed,
        elsewhere="" if tickets else _elsewhere(person, wanted, sought_words, look),
        shared=0 if tickets or narrowed else wanted_tickets(person, Wanted(reporter="participant"), None).count(),
        at=at,
    )


def _page(
    person: Person, wanted: Wanted, sought_words: ParsedSearch | None, asked: int
) -> tuple[int, int, bool, list[Any]]:
    """Return page number, total, whether there are more, and the rows. A list that fits on a page is not counted."""
    by_row = is_walked(person, wanted)
    if asked == 1 and is_common(wanted) and not wanted.text:
        return _common_first(person, wanted, by_row=by_row)
    asked_for = walked_tickets(person, wanted, sought_words) if wanted.text else narrowed(person, wanted, by_row=by_row)
    tickets = in_order(asked_for, wanted)
    first = _cut(person, tickets, 0, PER_PAGE + 1) if asked == 1 else []
    if asked == 1 and len(first) <= PER_PAGE:
        return 1, len(first), False, first
    total, more = count_to_page(tickets, asked, COUNTED_FOUND if wanted.text else COUNTED)
    number = min(asked, page_count(total, PER_PAGE))
    here = first[:PER_PAGE] if asked == 1 else _cut(person, tickets, (number - 1) * PER_PAGE, number * PER_PAGE)
    return number, total, more, here


def _page_of(person: Person, ids: list[int], asked: int) -> tuple[int, int, bool, list[Any]]:
    """`_page` for a list whose ids are known, in order."""
    most = _counted_to(asked, COUNTED_FOUND)
    total = min(len(ids), most)
    number = min(asked, page_count(total, PER_PAGE))
    here = ids[(number - 1) * PER_PAGE : number * PER_PAGE]
    return number, total, len(ids) > most, _in_turn(person, here)


def _cut(person: Person, tickets: QuerySet[Ticket], start: int, end: int) -> list[Any]:
    """Return a slice of the sorted tickets.

    Ids are selected first: for readers who see very many tickets, a plan with joins may walk the tickets once for each
    joined row.
    """
    return _in_turn(person, list(tickets.values_list("pk", flat=True)[start:end]))


def _in_turn(person: Person, ids: list[int]) -> list[Any]:
    rows = {ticket.pk: ticket for ticket in _with_ids(person=person.pk, tickets=ids)}
    return [rows[pk] for pk in ids if pk in rows]


@fast_read("person", "tickets")
def _with_ids(*, person: int, tickets: list[int]) -> QuerySet[Any]:
    """Return the rows for these ids."""
    return _loaded(with_approvals(Person(pk=person), Ticket.objects.filter(AnyOf("pk", tickets)))).order_by()


def _common_first(person: Person, wanted: Wanted, *, by_row: bool) -> tuple[int, int, bool, list[Any]]:
    """`_page` for the first page of a list that many people open. `by_row`: see `narrowed`."""
    is_member = wanted.reporter == "all" and is_member_anywhere(person)
    first = _common_page(person=person.pk, is_member=is_member, by_row=by_row, wanted=wanted)
    if len(first) <= PER_PAGE:
        return 1, len(first), False, first
    unsorted, most = replace(wanted, sort="", descending=True), _counted_to(1, COUNTED)
    (total,) = _common_count(person=person.pk, is_member=is_member, by_row=by_row, wanted=unsorted, most=most + 1)
    return 1, min(total, most), total > most, first[:PER_PAGE]


@fast_read("person")
def _common_page(*, person: int, is_member: bool, by_row: bool, wanted: Wanted) -> QuerySet[Any]:
    """Return the rows of the first page without search, type or desk; ids are selected before joins."""
    reader = Person(pk=person)
    ids = in_order(narrowed(reader, wanted, is_member=is_member, by_row=by_row), wanted).values("pk")[: PER_PAGE + 1]
    rows = with_approvals(reader, Ticket.objects.filter(pk__in=ids))
    return in_order(rows, wanted).select_related(*_BESIDE).only(*_SHOWN)


@fast_read("person")
def _common_count(*, person: int, is_member: bool, by_row: bool, wanted: Wanted, most: int) -> QuerySet[Person, int]:
    """Return the number of tickets in such a list, up to `most`."""
    tickets = narrowed(Person(pk=person), wanted, is_member=is_member, by_row=by_row)
    return Person.objects.filter(pk=person).values_list(Counted(tickets.order_by().values("pk")[:most]), flat=True)


def count_to_page(tickets: QuerySet[Ticket], number: int, most: int) -> tuple[int, bool]:
    """Return the total, counted up to `most` or two pages beyond page `number`, and whether there are more."""
    most = _counted_to(number, most)
    total = tickets.order_by()[: most + 1].count()
    return min(total, most), total > most


def _counted_to(number: int, most: int) -> int:
    return max(most, (number + 2) * PER_PAGE)


def _loaded(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    return tickets.select_related(*_BESIDE).only(*_SHOWN)


def _rows(person: Person, tickets: list[Any], sought_words: ParsedSearch | None) -> list[Row]:
    new = unseen_of(person, [ticket.pk for ticket in tickets])
    subjects = {ticket.pk: ticket.subject for ticket in tickets}
    marked = highlight(subjects, sought_words, person) if sought_words and tickets else {}
    return [
        Row(
            key=ticket.key,
            subject=marked_words(marked[ticket.pk].subject) if marked else ticket.subject,
            excerpt=marked_words(marked[ticket.pk].excerpt) if marked else "",
            url=reverse("portal:card", args=[ticket.desk_id, ticket.key]),
            type_name=text_of(ticket.request_type, "name") if ticket.request_type else "",
            type_icon=ticket.request_type.icon if ticket.request_type else "mail",
            desk=text_of(ticket.desk, "name"),
            status=name_of(ticket.status),
            category=ticket.status.category,
            requester=ticket.requester.display_name if ticket.requester else "",
            priority=name_of(ticket.priority),
            created_at=ticket.created_at,
            updated_at=ticket.shown_at,
            new=ticket.pk in new,
            waiting=ticket.status.category == Status.Category.WAITING and ticket.requester_id == person.pk,
            needs_me=ticket.needs_me,
            needs_approval=ticket.needs_approval and not ticket.needs_me,
        )
        for ticket in tickets
    ]


def _elsewhere(person: Person, wanted: Wanted, sought_words: ParsedSearch | None, look: Look) -> str:
    """Return the URL of the same search in all tickets of the reader if it finds any, else ""."""
    wider = Wanted(status="all", reporter="all", text=wanted.text, sort=wanted.sort, descending=wanted.descending)
    if wanted.text and wider != wanted and wanted_tickets(person, wider, sought_words).exists():
        return f"{reverse('portal:requests')}?{urlencode(words_of(wider, look))}"
    return ""


def desks_with_statuses(person: Person) -> list[Any]:
    """Return the portal's desks, each with `its_statuses` in order. One query, none if cached."""
    return _kept_desks_with_statuses()


@kept
def _kept_desks_with_statuses() -> list[Any]:
    return _desks_with_statuses()


@fast_read()
def _desks_with_statuses() -> QuerySet[Desk]:
    rows = Status.objects.filter(desk=OuterRef("pk")).order_by("position", "id")
    line = rows.values(line=JSONObject(id="pk", name="name", texts="texts"))
    return portal_desks(AnonymousUser()).annotate(its_statuses=ArraySubquery(line))


def _states(wanted: Wanted) -> list[Choice]:
    """Options for open, closed and all tickets."""
    labels = {"open": _("Open requests"), "closed": _("Closed requests"), "all": _("Any requests")}
    return [Choice(value, label, value == wanted.status) for value, label in labels.items()]


def _statuses(wanted: Wanted, desks: list[Any]) -> list[Choice]:
    """Options for statuses; those with the same name at several desks are one.

    The chosen status is listed even if the chosen desk has none of that name, because the list is filtered by it.
    """
    lines = [(desk.pk, line, translated(line["name"], line["texts"])) for desk in desks for line in desk.its_statuses]
    chosen = {label for _desk, line, label in lines if line["id"] == wanted.status}
    shown = [
        (label, line["id"])
        for desk, line, label in lines
        if wanted.desk_id in (None, desk) or line["id"] == wanted.status
    ]
    first = dict(reversed(shown))
    return [Choice(str(first[label]), label, label in chosen) for label in dict.fromkeys(label for label, _ in shown)]


def _reporters(person: Person, wanted: Wanted) -> list[Choice]:
    organizations = _organizations(person=person.pk)
    labels = {
        "me": _("Created by me"),
        "participant": _("Where I am a participant"),
        "all": pgettext("whose requests", "All requests"),
        **{f"org-{number}": name for number, name in organizations},
    }
    return [Choice(value, label, value == reporter_value(wanted.reporter)) for value, label in labels.items()]


@fast_read("person")
def _organizations(*, person: int) -> QuerySet[Organization, tuple[int, str]]:
    return Organization.objects.filter(members=person).order_by("name", "id").values_list("pk", "name")


def _types(wanted: Wanted, desks: list[Desk]) -> list[Choice]:
    names = {desk.pk: text_of(desk, "name") for desk in desks}
    types = _kept_types(tuple(names))
    rows = [
        Choice(
            str(request_type.pk),
            _type_label(text_of(request_type, "name"), "" if len(desks) < 2 else names[request_type.desk_id]),
            request_type.pk == wanted.type_id,
        )
        for request_type in types
        if wanted.desk_id in (None, request_type.desk_id)
    ]
    return [Choice("", _("Any request type"), wanted.type_id is None), *rows]


@kept
def _kept_types(desks: tuple[int, ...]) -> list[RequestType]:
    return _shown_types(desks=list(desks))


@fast_read("desks")
def _shown_types(*, desks: list[int]) -> QuerySet[RequestType]:
    types = RequestType.objects.filter(AnyOf("desk_id", desks), hidden=False)
    return types.order_by("desk_id", "position", "id")


def _type_label(name: str, desk: str) -> str:
    return f"{name} · {desk}" if desk else name


def _desks(wanted: Wanted, desks: list[Desk]) -> list[Choice]:
    if len(desks) < 2:
        return []
    rows = [Choice(str(desk.pk), text_of(desk, "name"), desk.pk == wanted.desk_id) for desk in desks]
    return [Choice("", _("Any desk"), wanted.desk_id is None), *rows]


def _views(person: Person, query: dict[str, str]) -> list[Choice]:
    return [
        Choice(str(view.pk), view.name, view.words == query, f"{reverse('portal:requests')}?{urlencode(view.words)}")
        for view in _saved_views(person=person.pk)
    ]


@fast_read("person")
def _saved_views(*, person: int) -> QuerySet[SavedView]:
    return SavedView.objects.filter(person=person).order_by("id")
