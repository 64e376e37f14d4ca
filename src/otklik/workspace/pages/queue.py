"""The queue page."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.statement_timeout import each_statement_within
from otklik.desks.desk_snapshot import QueueLine
from otklik.desks.models import Desk
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.models import Ticket
from otklik.ui.paging import Pages, page_count, pages_of
from otklik.workspace.desk_context import Standing
from otklik.workspace.list_look import look_of
from otklik.workspace.pages.list_columns import ListColumns, list_columns
from otklik.workspace.pages.list_news import Shown, news_address
from otklik.workspace.pages.rows import COLUMNS, Column
from otklik.workspace.queries import rows_with_ids
from otklik.workspace.queue_counts import COUNTED, first_ids
from otklik.workspace.queue_links import queue_url
from otklik.workspace.queue_reads import ORDERS, QueueRead, is_downward
from otklik.workspace.queue_rows import first_rows
from otklik.workspace.sidebar import clock_digest
from otklik.workspace.ticket_row import TicketRow

PER_PAGE = 50
# Columns that are sorted descending first: newest, most urgent.
_DOWNWARD = {"key", "created_at", "updated_at", "priority"}
_LIMIT = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Everything the page and its fragment print.

    `mistake`: why nothing was searched; `desk_key`: "" for a queue of no desk; `own_order`: the reader's saved sorting
    in words; `order_left`: why the list is not sorted by it.
    """

    id: int
    name: str
    icon: str
    desk_key: str
    url: str
    here: str
    news_url: str
    filter_url: str
    export_url: str
    edit_url: str
    starred: bool
    columns: list[Column]
    rows: list[TicketRow]
    pages: Pages
    look_url: str
    dense: bool
    own_order: str = ""
    order_left: str = ""
    mistake: str = ""


def queue_page(*, stands: Standing, desk: Desk | None, queue: QueueLine, query: QueryDict, at: datetime) -> QueuePage:
    """Return the page for the URL parameters `sort` and `page`; never raises. `desk` None: a queue of no desk."""
    look = look_of(stands.person, queue.id)
    listed = list_columns([desk.pk] if desk else stands.desk_ids, look.columns or queue.columns)
    asked, wanted, mistake = allowed_order(query.get("sort", "")), page_number(query.get("page", "")), ""
    saved, left = "" if asked else allowed_order(look.sorting), ""
    sort = asked or saved
    rows, total, more, order = list[TicketRow](), 0, False, sort
    try:
        read = stands.read(queue)
        with _time_for(read):
            total, more = _total(stands, read, wanted, at)
            if more or total > COUNTED:
                sort, left = _sortable_order(stands, read, asked, saved, at)
            order = sort or read.order
            number = min(max(1, wanted), page_count(total, PER_PAGE))
            rows = _rows(stands, read, sort, number, at)
    except UnableTo as error:
        number, mistake = 1, error.translated()
    key, list_query = desk.key if desk else "", {"sort": asked} if asked else {}
    whole, side = number == 1 and total <= PER_PAGE, clock_digest(stands)
    there = Shown(at, tuple(ticket.id for ticket in rows), whole, side=side)
    here = {**list_query, **({"page": str(number)} if number > 1 else {})}
    return QueuePage(
        id=queue.id,
        name=queue.label,
        icon=queue.icon,
        desk_key=key,
        url=queue_url(queue, key),
        here=address(queue_url(queue, key), here),
        news_url=news_address(queue_url(queue, key, "queue_news"), there, {**here}),
        export_url=address(queue_url(queue, key, "queue_filter"), {**list_query, "export": ""}),
        filter_url=address(queue_url(queue, key, "queue_filter"), list_query),
        edit_url=reverse("workspace:edit_queue", args=[queue.id]) if stands.may_change(queue) else "",
        starred=queue.id in stands.counts.starred,
        columns=columns_of(listed, order),
        rows=listed.rows(rows),
        pages=pages_of(number=number, per_page=PER_PAGE, total=total, query=list_query, more=more),
        look_url=queue_url(queue, key, "queue_look"),
        dense=look.dense,
        own_order=order_words(saved),
        order_left=left,
        mistake=mistake,
    )


def address(url: str, query: dict[str, str]) -> str:
    """Return the URL with this query."""
    return f"{url}?{urlencode(query)}" if query else url


def _time_for(read: QueueRead) -> AbstractContextManager[None]:
    """Limit the time of queues that are not quick: their text may be arbitrarily expensive."""
    return nullcontext() if read.quick else each_statement_within(_LIMIT)


def _sortable_order(stands: Standing, read: QueueRead, asked: str, saved: str, at: datetime) -> tuple[str, str]:
    """Return the order for a list longer than COUNTED, and why the order `saved` is not used, or "".

    A saved order that has become too slow must not make the list unusable. Raises BadJql for an order from the URL.
    """
    try:
        read.require_few_to_sort(stands.person, at, order=asked or saved)
    except BadJql as refusal:
        if not saved:
            raise
        read.require_few_to_sort(stands.person, at)
        return "", refusal.translated()
    return asked or saved, ""


def _rows(stands: Standing, read: QueueRead, order: str, number: int, at: datetime) -> list[TicketRow]:
    if number == 1 and read.quick:
        return first_rows(stands.person, read, order, PER_PAGE)
    tickets, offset = read.tickets(stands.person, at, order=order), (number - 1) * PER_PAGE
    return rows_in_order(tickets, offset, PER_PAGE)


def rows_in_order(tickets: QuerySet[Ticket], begin: int, most: int) -> list[TicketRow]:
    """Return `most` rows from the index `begin`; ids are selected before rows are joined."""
    return rows_with_ids(list(tickets.values_list("pk", flat=True)[begin : begin + most]))


def _total(stands: Standing, read: QueueRead, wanted: int, at: datetime) -> tuple[int, bool]:
    """Return the number of tickets as far as the pager needs it, and whether there are more."""
    known = stands.counts.queues.get(read.id)
    if known is None:  # hidden, or too slow to be counted for the sidebar
        known = first_ids(read.tickets(stands.person, at)).count()
    if known <= COUNTED:
        return known, False
    far = (wanted + 2) * PER_PAGE
    if far <= COUNTED:
        return COUNTED, True
    count = read.tickets(stands.person, at).order_by()[: far + 1].count()
    return min(count, far), count > far


def columns_of(listed: ListColumns, order: str) -> list[Column]:
    """Return the column headings; those in ORDERS sort the list."""
    return [_column(head, order) if head.name in ORDERS else head for head in listed.heads()]


def allowed_order(order: str) -> str:
    """Return the order if it is one of ORDERS, possibly with "-" in front, else "" (AB-51)."""
    return order if order.removeprefix("-") in ORDERS and not order.startswith("--") else ""


def page_number(text: str) -> int:
    """Return the page number from a URL; 1 for anything invalid."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1


def _column(head: Column, order: str) -> Column:
    name, state = head.name, ""
    if order.removeprefix("-") == name:
        state = "descending" if is_downward(order) else "ascending"
    downward = state == "ascending" or (not state and name in _DOWNWARD)
    return replace(head, sort=f"-{name}" if is_downward(f"-{name}") is downward else name, sorted=state)


def order_words(order: str) -> str:
    """Return a key of ORDERS, with "-" in front for descending, in words; "" for ""."""
    if not order:
        return ""
    words = _("%(column)s, downward") if is_downward(order) else _("%(column)s, upward")
    return words % {"column": COLUMNS[order.removeprefix("-")]}
