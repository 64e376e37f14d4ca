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
# Rows on a page.
_MOST_SHOWN = 50
Changes = list[tuple[int, datetime]]
# Interval between evaluations of a list that depends on the time, and of the page's polls (workspace/_list.html).
_BY_CLOCK, _ASKED = timedelta(minutes=1), timedelta(seconds=21)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows: when it was made, the ids of its rows, and whether these were all tickets of the list."""

    since: datetime
    ids: tuple[int, ...]
    whole: bool
    # The marker of the news that the page already shows.
    marker: str = ""
    # The digest that its sidebar shows (sidebar.clock_digest).
    side: str = ""

    @property
    def words(self) -> dict[str, str]:
        """The parameters of the polling URL, which `shown_in` reads."""
        rows = ".".join(map(str, self.ids))
        side = {"side": self.side} if self.side else {}
        return {"since": self.since.isoformat(), "rows": rows, **({"whole": "1"} if self.whole else {}), **side}


def shown_in(query: QueryDict) -> Shown:
    """Return the page's state from URL parameters; never raises."""
    ids = [typed_id(word) for word in query.get("rows", "")[:1000].split(".")[:_MOST_SHOWN]]
    since = typed_moment(query.get("since", "")) or timezone.now()
    whole, marker, side = query.get("whole") == "1", query.get("shows", ""), query.get("side", "")
    return Shown(since, tuple(pk for pk in ids if pk), whole, marker, side)


@dataclass(frozen=True, slots=True)
class ListNews:
    """Changes to a list. `rows`: changed rows that the page shows, as they are now; `left`: ids no longer in the list.

    `bar`: the label of the button that reloads the list, "" if rows changed only in place.
    """

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
    """Return what changed in a list since the page was made.

    `newest(since, most)`: tickets in the list that changed after `since`, newest first; `columns()`: its columns;
    `timed()`: the first page of a list that time alone may change, else None. `timed` is used once a minute instead of
    `newest`. One statement if nothing changed at the person's desks, or nothing since the marker; the number of rows
    never matters.
    """
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
    # With more changes than are counted, it is unknown which rows left.
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
    """Return whether to evaluate a list that depends on the time: once a minute, and while such news are shown."""
    if shown.marker:
        return shown.marker.startswith("c")
    return is_minute(shown)


def is_minute(shown: Shown) -> bool:
    """Return whether this is the poll of the minute that evaluates what depends on the time."""
    return (timezone.now() - shown.since) % _BY_CLOCK < _ASKED


def _by_clock(shown: Shown, present: Changes, columns: Callable[[], ListColumns]) -> ListNews:
    """Compare the list's present first page with what the page shows."""
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
    """Return a digest of the newest change at the person's desks after `since`; "" if there is none. One statement."""
    happened = _happened(desks=stands.desk_ids, tickets=[], since=since)
    return _digest(list(happened)) if happened else ""


@fast_read("desks", "tickets", "since")
def _happened(*, desks: list[int], tickets: list[int], since: datetime) -> QuerySet[Ticket, tuple[int, datetime]]:
    """(id, time) of those tickets at these desks that changed after `since`, and the newest change there as id 0."""
    anywhere = Ticket.objects.filter(AnyOf("desk_id", desks), updated_at__gt=since)
    newest = anywhere.order_by("-updated_at", "-pk").values_list(Value(0), "updated_at")[:1]
    shown = Ticket.objects.filter(AnyOf("pk", tickets), AnyOf("desk_id", desks), updated_at__gt=AnyValue(since))
    return shown.order_by().values_list("pk", "updated_at").union(newest, all=True)


def _digest(*happened: Changes) -> str:
    return f"{zlib.crc32(repr(happened).encode()):x}"


def _opened(tickets: Sequence[int], since: datetime) -> int:
    """Count the tickets created after `since`."""
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
    changes = ", ".join(filter(None, parts))
    return _("%(what)s: show") % {"what": changes} if changes else ""


def _capped(count: int) -> str:
    return str(count) if count <= COUNTED else f"{COUNTED}+"


def news_address(url: str, shown: Shown, here: dict[str, str | list[str]]) -> str:
    """Return the polling URL of a list; `here`: the parameters of its own URL."""
    return f"{url}?{urlencode({**shown.words, **here}, doseq=True)}"
