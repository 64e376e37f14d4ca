"""What happened to a list of tickets since its page was made: rows that changed, that came and that went."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import QuerySet, Value
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.fast_reads import AnyOf, AnyValue, fast_read
from otklik.core.ids import typed_id
from otklik.core.url_datetimes import typed_moment
from otklik.tickets.models import Ticket
from otklik.workspace.desk_context import Standing
from otklik.workspace.pages.list_columns import ListColumns
from otklik.workspace.pages.rows import Column
from otklik.workspace.queries import rows_with_ids
from otklik.workspace.ticket_row import TicketRow

COUNTED = 99
# As many rows as a page shows.
_MOST_SHOWN = 50
Changes = list[tuple[int, datetime]]
# How often a list is looked at again whose filter asks for the time, and how often a page asks (workspace/_list.html).
_BY_CLOCK, _ASKED = timedelta(minutes=1), timedelta(seconds=21)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page says of its list: when it was made, the ids of its rows, whether these were all that there were."""

    since: datetime
    ids: tuple[int, ...]
    whole: bool
    # The marker of the news that it shows.
    marker: str = ""
    # What its side bar shows of queues that follow the clock (sidebar.clock_digest).
    side: str = ""

    @property
    def words(self) -> dict[str, str]:
        """For the address that asks for news; `shown_in` reads them."""
        rows = ".".join(map(str, self.ids))
        side = {"side": self.side} if self.side else {}
        return {"since": self.since.isoformat(), "rows": rows, **({"whole": "1"} if self.whole else {}), **side}


def shown_in(query: QueryDict) -> Shown:
    """From the address's words; whatever they are."""
    ids = [typed_id(word) for word in query.get("rows", "")[:1000].split(".")[:_MOST_SHOWN]]
    since = typed_moment(query.get("since", "")) or timezone.now()
    whole, marker, side = query.get("whole") == "1", query.get("shows", ""), query.get("side", "")
    return Shown(since, tuple(pk for pk in ids if pk), whole, marker, side)


@dataclass(frozen=True, slots=True)
class ListNews:
    """`rows`: those shown that changed, as they are now, each where it stands; `left`: the ids of those which the list
    does not hold any more. `bar`: what one presses to have the list anew, "" where rows changed only in place."""

    marker: str
    columns: tuple[Column, ...] = ()
    rows: tuple[TicketRow, ...] = ()
    left: frozenset[int] = frozenset()
    bar: str = ""

    def __bool__(self) -> bool:
        return bool(self.marker)


def list_news(
    stands: Standing,
    shown: Shown,
    newest: Callable[[datetime, int], Changes],
    columns: Callable[[], ListColumns],
    timed: Callable[[], Changes | None] = lambda: None,
) -> ListNews:
    """What happened to a list. `newest(since, most)`: the tickets that it holds now and that changed after `since`, the
    newest first; `columns()`: what the list shows. One statement where nothing happened at the person's desks, or
    nothing since the news that the page shows; the number of rows never matters.

    `timed()`: the tickets on the first page of a list that time alone may change, None for any other; asked once a
    minute, in the place of that statement."""
    if _is_time(shown) and (present := timed()) is not None:
        return _by_clock(shown, present, columns)
    happened = _happened(desks=stands.desk_ids, tickets=list(shown.ids), since=shown.since)
    known, _dot, known_at_desks = shown.marker.partition(".")
    at_desks = _digest(sorted(happened))
    if happened and at_desks == known_at_desks:
        return ListNews(shown.marker)
    inside = newest(shown.since, COUNTED + 1) if happened else []
    changed = [(pk, at) for pk, at in happened if pk]
    if not inside and not changed:
        return ListNews("")
    if _digest(inside, sorted(changed)) == known:
        return ListNews(shown.marker)
    # Of a list that changed as often as this one does not know which rows left it.
    left = {pk for pk, _at in changed} - {pk for pk, _at in inside} if len(inside) <= COUNTED else set[int]()
    listed = columns()
    others = [pk for pk, _at in inside if pk not in shown.ids]
    came = len(others) if shown.whole else _opened(others, shown.since)
    return ListNews(
        marker=f"{_digest(inside, sorted(changed))}.{at_desks}",
        columns=tuple(listed.heads()),
        rows=_rows(listed, [pk for pk, _at in changed]),
        left=frozenset(left),
        bar=_bar(came, len(others) - came, len(left)),
    )


def _is_time(shown: Shown) -> bool:
    """Whether a list that follows the clock is looked at: each minute, and while the page shows what came of it."""
    if shown.marker:
        return shown.marker.startswith("c")
    return is_minute(shown)


def is_minute(shown: Shown) -> bool:
    """Whether it is the one poll of a minute that looks at what follows the clock."""
    return (timezone.now() - shown.since) % _BY_CLOCK < _ASKED


def _by_clock(shown: Shown, present: Changes, columns: Callable[[], ListColumns]) -> ListNews:
    """The list as it is now beside what the page shows."""
    ids = {pk for pk, _at in present}
    came = [pk for pk in ids if pk not in shown.ids]
    left = set(shown.ids) - ids if len(present) < _MOST_SHOWN else set[int]()
    changed = [(pk, at) for pk, at in present if pk in shown.ids and at > shown.since]
    if not (came or left or changed):
        return ListNews("")
    marker = f"c{_digest(sorted(present))}"
    if marker == shown.marker:
        return ListNews(marker)
    listed = columns()
    return ListNews(
        marker=marker,
        columns=tuple(listed.heads()),
        rows=_rows(listed, [*(pk for pk, _at in changed), *left]),
        left=frozenset(left),
        bar=_bar(len(came), 0, len(left)),
    )


def newest_change(stands: Standing, since: datetime) -> str:
    """A word for the newest change of any ticket at the person's desks after `since`; "" for none. One statement."""
    happened = _happened(desks=stands.desk_ids, tickets=[], since=since)
    return _digest(list(happened)) if happened else ""


@fast_read("desks", "tickets", "since")
def _happened(*, desks: list[int], tickets: list[int], since: datetime) -> QuerySet[Ticket, tuple[int, datetime]]:
    """Those of the tickets, at these desks, that changed after `since`; and as number 0 the newest of all such changes
    there."""
    anywhere = Ticket.objects.filter(AnyOf("desk_id", desks), updated_at__gt=since)
    newest = anywhere.order_by("-updated_at", "-pk").values_list(Value(0), "updated_at")[:1]
    shown = Ticket.objects.filter(AnyOf("pk", tickets), AnyOf("desk_id", desks), updated_at__gt=AnyValue(since))
    return shown.order_by().values_list("pk", "updated_at").union(newest, all=True)


def _digest(*happened: Changes) -> str:
    return f"{zlib.crc32(repr(happened).encode()):x}"


def _opened(tickets: Sequence[int], since: datetime) -> int:
    """How many of them did not exist before."""
    return Ticket.objects.filter(pk__in=tickets, created_at__gt=since).count() if tickets else 0


def _rows(listed: ListColumns, tickets: Sequence[int]) -> tuple[TicketRow, ...]:
    return tuple(listed.rows(rows_with_ids(sorted(tickets))))


def _bar(came: int, changed: int, left: int) -> str:
    """«3 new, 1 no longer here: show»."""
    parts = [
        ngettext("%(n)s new", "%(n)s new", came) % {"n": _capped(came)} if came else "",
        ngettext("%(n)s further one changed", "%(n)s further ones changed", changed) % {"n": _capped(changed)}
        if changed
        else "",
        ngettext("%(n)s no longer here", "%(n)s no longer here", left) % {"n": left} if left else "",
    ]
    told = ", ".join(filter(None, parts))
    return _("%(what)s: show") % {"what": told} if told else ""


def _capped(count: int) -> str:
    return str(count) if count <= COUNTED else f"{COUNTED}+"


def news_address(url: str, shown: Shown, here: dict[str, str | list[str]]) -> str:
    """Where a list asks for its news; `here`: the words of its own address."""
    return f"{url}?{urlencode({**shown.words, **here}, doseq=True)}"
