"""What the search box found."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from otklik.tickets.search.query import Sought, cleaned, sought
from otklik.tickets.search.ranking import Place
from otklik.tickets.search.snippets import Piece, excerpts, subjects
from otklik.workspace.desk_context import Standing
from otklik.workspace.pages.rows import TicketRow, row_of
from otklik.workspace.queries import FOUND_AT_MOST, found, rows_at


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that narrows the results."""

    label: str
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A ticket, its subject with the words marked, and where else they stand."""

    row: TicketRow
    subject: list[Piece]
    excerpt: list[Piece]


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Everything the page prints. `more_url`: the hits behind these, "" for none; `is_first`: none are before them."""

    words: str
    hits: list[Hit]
    more_url: str
    is_first: bool
    first_url: str
    states: list[Choice]
    desks: list[Choice]


_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_AFTER = re.compile(r"([01])\.([0-9]{1,16})\.([0-9]{1,18})")


def found_page(stands: Standing, query: Mapping[str, str]) -> FoundPage:
    """For the address's words `q`, `state`, `desk` and `after`; whatever they are, the answer is a page."""
    text, state, key = cleaned(query.get("q", "")), query.get("state", ""), query.get("desk", "").upper()
    after = _place_in(query.get("after", ""))
    chosen = [desk.pk for desk in stands.desks if desk.key == key] or stands.desk_ids
    understood = sought(text, with_signs=True)
    places = (
        found(stands.person, chosen, text, understood, state=state, after=after, most=FOUND_AT_MOST + 1)
        if understood
        else []
    )
    shown = places[:FOUND_AT_MOST]
    return FoundPage(
        words=text,
        hits=_hits(shown, understood) if understood and shown else [],
        more_url=_url(text, state, key, after=shown[-1]) if len(places) > FOUND_AT_MOST else "",
        is_first=after is None,
        first_url=_url(text, state, key),
        states=_states(text, state, key),
        desks=_desks(text, state, key, [(desk.key, desk.name) for desk in stands.desks]),
    )


def _hits(places: Sequence[Place], understood: Sought) -> list[Hit]:
    tickets = rows_at(places)
    marked = subjects({ticket.id: ticket.subject for ticket in tickets}, understood)
    around = excerpts([ticket.id for ticket in tickets], understood, None)
    return [
        Hit(
            row_of(ticket),
            marked.get(ticket.id) or [Piece(ticket.subject, marked=False)],
            around.get(ticket.id, []),
        )
        for ticket in tickets
    ]


def _place_in(after: str) -> Place | None:
    """The place that `_written` wrote; None for anything else."""
    match = _AFTER.fullmatch(after)
    if match is None:
        return None
    in_subject, microseconds, pk = map(int, match.groups())
    return Place(bool(in_subject), _EPOCH + microseconds * _MICROSECOND, pk)


def _written(place: Place) -> str:
    return f"{place.in_subject:d}.{(place.updated_at - _EPOCH) // _MICROSECOND}.{place.pk}"


def _states(text: str, state: str, key: str) -> list[Choice]:
    labels = {
        "": pgettext("requests", "all"),
        "open": pgettext("requests", "open"),
        "closed": pgettext("requests", "closed"),
    }
    return [Choice(label, _url(text, value, key), value == state) for value, label in labels.items()]


def _desks(text: str, state: str, key: str, desks: list[tuple[str, str]]) -> list[Choice]:
    if len(desks) < 2:
        return []
    every = Choice(_("All desks"), _url(text, state, ""), not key)
    return [every, *(Choice(name, _url(text, state, desk_key), desk_key == key) for desk_key, name in desks)]


def _url(text: str, state: str, key: str, *, after: Place | None = None) -> str:
    query = {"q": text, "state": state, "desk": key, "after": _written(after) if after else ""}
    return f"{reverse('workspace:go')}?{urlencode({name: word for name, word in query.items() if word})}"
