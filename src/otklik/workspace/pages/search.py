"""What the search box found."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from otklik.tickets.search.query import cleaned, sought
from otklik.tickets.search.snippets import Piece, excerpts, subjects
from otklik.workspace.desk_context import Standing
from otklik.workspace.pages.rows import TicketRow, row_of
from otklik.workspace.queries import FOUND_AT_MOST, found


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
    """Everything the page prints. `most`: how many are shown when there are `more`."""

    words: str
    hits: list[Hit]
    more: bool
    most: int
    states: list[Choice]
    desks: list[Choice]


def found_page(stands: Standing, query: Mapping[str, str]) -> FoundPage:
    """For the address's words `q`, `state` and `desk`; whatever they are, the answer is a page."""
    text, state, key = cleaned(query.get("q", "")), query.get("state", ""), query.get("desk", "").upper()
    chosen = [desk.pk for desk in stands.desks if desk.key == key] or stands.desk_ids
    understood = sought(text)
    tickets = found(stands.person, chosen, text, understood, state=state) if understood else []
    shown = tickets[:FOUND_AT_MOST]
    marked = subjects({ticket.id: ticket.subject for ticket in shown}, understood) if understood and shown else {}
    around = excerpts([ticket.id for ticket in shown], understood, None) if understood and shown else {}
    return FoundPage(
        words=text,
        hits=[
            Hit(
                row_of(ticket),
                marked.get(ticket.id) or [Piece(ticket.subject, marked=False)],
                around.get(ticket.id, []),
            )
            for ticket in shown
        ],
        more=len(tickets) > FOUND_AT_MOST,
        most=FOUND_AT_MOST,
        states=_states(text, state, key),
        desks=_desks(text, state, key, [(desk.key, desk.name) for desk in stands.desks]),
    )


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


def _url(text: str, state: str, key: str) -> str:
    query = {"q": text, "state": state, "desk": key}
    return f"{reverse('workspace:go')}?{urlencode({name: word for name, word in query.items() if word})}"
