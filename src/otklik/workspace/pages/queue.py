"""The queue page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from otklik.desks.desk_snapshot import QueueLine
from otklik.desks.models import Desk
from otklik.desks.queries import asked_fields
from otklik.tickets.models import Ticket
from otklik.tickets.search.filters import DEFAULT_ORDER, ORDERS, ordered
from otklik.ui.paging import Pages, page_count, pages_of
from otklik.workspace.counts import COUNTED, queue_read
from otklik.workspace.desk_context import Standing
from otklik.workspace.forms.queue_filter import AnswersFilter, Condition
from otklik.workspace.pages.list_news import Shown, news_address
from otklik.workspace.pages.rows import COLUMNS, Column, TicketRow, row_of
from otklik.workspace.queries import queue_tickets, rows_of
from otklik.workspace.queue_rows import first_rows

PER_PAGE = 50
# What one looks for from the top: the newest, the most urgent first.
_DOWNWARD = {"key", "created_at", "updated_at"}


Words = dict[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A filter by answers: for the database, for the address, for people."""

    criteria: dict[str, Any]
    words: dict[str, list[str]]
    conditions: list[Condition]


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition; `url`: the page without it."""

    label: str
    words: str
    url: str


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Everything the page and its fragment print."""

    id: int
    name: str
    desk_key: str
    desk_name: str
    url: str
    here: str
    news_url: str
    filter_url: str
    conditions: list[Chip]
    columns: list[Column]
    rows: list[TicketRow]
    pages: Pages


def queue_page(*, stands: Standing, desk: Desk, queue: QueueLine, query: QueryDict, at: datetime) -> QueuePage:
    """The page for the address's words `sort`, `page` and those of a filter by answers; whatever they are, the answer
    is a page."""
    url = reverse("workspace:queue", args=[desk.key, queue.id])
    only = narrowing(desk, query)
    tickets = queue_tickets(stands, desk, queue, only.criteria)
    order = allowed_order(query.get("sort", "")) or allowed_order(queue.order) or DEFAULT_ORDER
    wanted = page_number(query.get("page", ""))
    total, more = _total(stands, queue, tickets, wanted, narrowed=bool(only.criteria))
    number = min(max(1, wanted), page_count(total, PER_PAGE))
    if number == 1 and not only.criteria:
        shown = first_rows(stands.person, queue_read(desk.pk, stands.parts[desk.pk], queue), order, PER_PAGE)
    else:
        shown = list(ordered(rows_of(tickets), order)[(number - 1) * PER_PAGE : number * PER_PAGE])
    sort = query.get("sort", "")
    list_query: Words = {**({"sort": sort} if allowed_order(sort) else {}), **only.words}
    here = {**list_query, **({"page": str(number)} if number > 1 else {})}
    return QueuePage(
        id=queue.id,
        name=queue.label,
        desk_key=desk.key,
        desk_name=desk.name,
        url=url,
        here=_address(url, here),
        news_url=news_address(
            reverse("workspace:queue_news", args=[desk.key, queue.id]),
            Shown(at, tuple(ticket.id for ticket in shown), whole=number == 1 and total <= PER_PAGE),
            here,
        ),
        filter_url=_address(reverse("workspace:queue_filter", args=[desk.key, queue.id]), list_query),
        conditions=[_chip(condition, url, list_query) for condition in only.conditions],
        columns=columns_of(queue.columns, order, only.words),
        rows=[row_of(ticket) for ticket in shown],
        pages=pages_of(number=number, per_page=PER_PAGE, total=total, query=list_query, more=more),
    )


def narrowing(desk: Desk, query: QueryDict) -> Narrowing:
    """What the address's words say of answers; the desk's questions are read only if there are such words."""
    if not any(name.startswith("customfield_") for name in query):
        return Narrowing({}, {}, [])
    form = AnswersFilter(asked_fields(desk), query)
    return Narrowing(form.criteria(), form.words(), form.conditions())


def _chip(condition: Condition, url: str, query: Words) -> Chip:
    others = {name: value for name, value in query.items() if name not in condition.names}
    return Chip(condition.label, condition.words, _address(url, others))


def _address(url: str, query: Words) -> str:
    return f"{url}?{urlencode(query, doseq=True)}" if query else url


def _total(
    stands: Standing, queue: QueueLine, tickets: QuerySet[Ticket], wanted: int, *, narrowed: bool
) -> tuple[int, bool]:
    """How many there are, as far as the pages around the wanted one need to know, and whether there are more."""
    known = COUNTED + 1 if narrowed else stands.counts.queues[queue.id]
    if known <= COUNTED:
        return known, False
    far = max(COUNTED + 1, (wanted + 2) * PER_PAGE)
    count = tickets.order_by()[: far + 1].count()
    return min(count, far), count > far


def columns_of(names: list[str], order: str, query: Mapping[str, list[str]]) -> list[Column]:
    """The heads of the queue's columns, each a link that sorts by it; unknown names are left out."""
    known = [name for name in names if name in COLUMNS] or list(COLUMNS)
    return [_column(name, order, query) for name in known]


def allowed_order(order: str) -> str:
    """The order, if it is one of ours; else "" (AB-51)."""
    return order if order.removeprefix("-") in ORDERS and not order.startswith("--") else ""


def page_number(text: str) -> int:
    """A page's number out of an address; 1 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1


def _column(name: str, order: str, query: Mapping[str, list[str]]) -> Column:
    state = ""
    if order.removeprefix("-") == name:
        state = "descending" if order.startswith("-") else "ascending"
    downward = state == "ascending" or (not state and name in _DOWNWARD)
    sort = f"-{name}" if downward else name
    return Column(
        name=name, label=str(COLUMNS[name]), url="?" + urlencode({"sort": sort, **query}, doseq=True), sorted=state
    )
