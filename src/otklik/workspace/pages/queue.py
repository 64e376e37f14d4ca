"""The queue page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from otklik.core.paging import Pages, page_count, pages_of
from otklik.desks.models import Desk
from otklik.desks.parts import QueueLine
from otklik.tickets.filters import DEFAULT_ORDER, ORDERS, ordered
from otklik.tickets.models import Ticket
from otklik.workspace.counts import COUNTED
from otklik.workspace.pages.rows import COLUMNS, Column, TicketRow, row_of
from otklik.workspace.queries import queue_tickets, rows_of
from otklik.workspace.standing import Standing

PER_PAGE = 50
# What one looks for from the top: the newest, the most urgent first.
_DOWNWARD = {"key", "created_at", "updated_at"}


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
    columns: list[Column]
    rows: list[TicketRow]
    pages: Pages


def queue_page(*, stands: Standing, desk: Desk, queue: QueueLine, query: Mapping[str, str], at: datetime) -> QueuePage:
    """The page for the address's words `sort` and `page`; whatever they are, the answer is a page."""
    url = reverse("workspace:queue", args=[desk.key, queue.id])
    tickets = queue_tickets(stands, desk, queue)
    order = allowed_order(query.get("sort", "")) or allowed_order(queue.order) or DEFAULT_ORDER
    wanted = page_number(query.get("page", ""))
    total, more = _total(stands, queue, tickets, wanted)
    number = min(max(1, wanted), page_count(total, PER_PAGE))
    shown = ordered(rows_of(tickets), order)[(number - 1) * PER_PAGE : number * PER_PAGE]
    kept = {"sort": query["sort"]} if allowed_order(query.get("sort", "")) else {}
    here = {**kept, **({"page": str(number)} if number > 1 else {})}
    return QueuePage(
        id=queue.id,
        name=queue.name,
        desk_key=desk.key,
        desk_name=desk.name,
        url=url,
        here=f"{url}?{urlencode(here)}" if here else url,
        news_url=reverse("workspace:queue_news", args=[desk.key, queue.id])
        + f"?{urlencode({'since': at.isoformat(), **here})}",
        columns=columns_of(queue.columns, order),
        rows=[row_of(ticket) for ticket in shown],
        pages=pages_of(number=number, per_page=PER_PAGE, total=total, query=kept, more=more),
    )


def _total(stands: Standing, queue: QueueLine, tickets: QuerySet[Ticket], wanted: int) -> tuple[int, bool]:
    """How many there are, as far as the pages around the wanted one need to know, and whether there are more."""
    known = stands.counts.queues[queue.id]
    if known <= COUNTED:
        return known, False
    far = max(COUNTED + 1, (wanted + 2) * PER_PAGE)
    found = tickets.order_by()[: far + 1].count()
    return min(found, far), found > far


def columns_of(names: list[str], order: str) -> list[Column]:
    """The heads of the queue's columns, each a link that sorts by it; unknown names are left out."""
    known = [name for name in names if name in COLUMNS] or list(COLUMNS)
    return [_column(name, order) for name in known]


def allowed_order(words: str) -> str:
    """The order, if it is one of ours; else "" (AB-51)."""
    return words if words.removeprefix("-") in ORDERS and not words.startswith("--") else ""


def page_number(words: str) -> int:
    """A page's number out of an address; 1 for anything else."""
    return int(words) if words.isascii() and words.isdigit() and len(words) < 10 else 1


def _column(name: str, order: str) -> Column:
    state = ""
    if order.removeprefix("-") == name:
        state = "descending" if order.startswith("-") else "ascending"
    downward = state == "ascending" or (not state and name in _DOWNWARD)
    sort = f"-{name}" if downward else name
    return Column(name=name, label=str(COLUMNS[name]), url="?" + urlencode({"sort": sort}), sorted=state)
