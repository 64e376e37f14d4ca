"""The search over request types: what fits, what comes near, and where the words can go if nothing does."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from otklik.core.fast_reads import fast_read
from otklik.core.search_text import share_of
from otklik.desks.access import Viewer
from otklik.desks.models import Desk, RequestType
from otklik.desks.texts import name_of, text_of
from otklik.people.models import Person
from otklik.portal.listing import Wanted
from otklik.portal.queries import wanted_tickets
from otklik.tickets.access import involved_tickets
from otklik.tickets.models import Ticket
from otklik.tickets.search.lookup import nearest
from otklik.tickets.search.query import ParsedSearch, parse_search

Row = TypeVar("Row")
OWN_AT_MOST = 3
TYPES_AT_MOST = 6
# The newest tickets of the reader that are searched for some of the words.
OWN_LOOKED_AT = 300


@dataclass(frozen=True, slots=True)
class WriteLink:
    """A link that turns the query into a request. `name`: of the desk or request type."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class NearMiss:
    """Shown if no request type matches all words. `write`: links for each desk, or for each type of one."""

    write: list[WriteLink]


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """A ticket of the reader."""

    key: str
    subject: str
    status: str
    category: str
    url: str


@dataclass(frozen=True, slots=True)
class OwnRequests:
    """Tickets of the reader with all words or this number (`whole`); if there are none, similar ones.

    `all_url`: the list of all of them, if `whole`.
    """

    rows: list[OwnRequest]
    whole: bool
    all_url: str


def best_matches(query: str, rows: Iterable[Row], text: Callable[[Row], str]) -> tuple[list[Row], bool]:
    """Return the rows whose text has all words of the query, in order, and True; otherwise similar ones and False.

    Similar rows share at least one word, the best first.
    """
    measured = [(share_of(query, text(candidate)), candidate) for candidate in rows]
    whole = [candidate for share, candidate in measured if share == 1]
    if whole:
        return whole, True
    similar = sorted((pair for pair in measured if pair[0] > 0), key=lambda pair: -pair[0])
    return [candidate for _share, candidate in similar], False


def searched_text(kind: RequestType) -> str:
    """Return name and help of a request type in all languages."""
    return " ".join([kind.name, kind.help, *(text for texts in kind.texts.values() for text in texts.values())])


def near_miss(query: str, kinds: Sequence[tuple[Desk, Sequence[RequestType]]]) -> NearMiss:
    """Return a link for each desk. `kinds`: desks with the request types that the reader may use.

    It leads to the form, or to the desk's page, where the reader chooses among several types.
    """
    return NearMiss([WriteLink(text_of(desk, "name"), _asked_at(desk, row, query)) for desk, row in kinds if row])


def near_types(query: str, desk: Desk, kinds: Sequence[RequestType]) -> NearMiss:
    """Return a link to the form of each of the first types."""
    return NearMiss([WriteLink(text_of(kind, "name"), _form_of(desk, kind, query)) for kind in kinds[:TYPES_AT_MOST]])


def _asked_at(desk: Desk, kinds: Sequence[RequestType], query: str) -> str:
    if len(kinds) == 1:
        return _form_of(desk, kinds[0], query)
    return f"{reverse('portal:desk', args=[desk.pk])}?{urlencode({'q': query})}"


def _form_of(desk: Desk, kind: RequestType, query: str) -> str:
    return f"{reverse('portal:create', args=[desk.pk, kind.pk])}?{urlencode({'summary': query})}"


def own_requests(viewer: Viewer, query: str) -> OwnRequests | None:
    """Return the reader's tickets that match; None for anonymous readers or if nothing matches."""
    sought_words = parse_search(query)
    if not isinstance(viewer, Person) or not viewer.is_active or sought_words is None:
        return None
    whole = _newest(wanted_tickets(viewer, Wanted(status="all", reporter="all", text=query), sought_words))
    tickets = whole or _near(viewer, sought_words)
    all_url = f"{reverse('portal:requests')}?{urlencode({'status': 'all', 'reporter': 'all', 'filter': query})}"
    return OwnRequests([_own(ticket) for ticket in tickets], bool(whole), all_url if whole else "") if tickets else None


def _newest(tickets: QuerySet[Ticket]) -> list[Ticket]:
    return list(tickets.select_related("status", "desk").order_by("-shown_at", "-id")[:OWN_AT_MOST])


def _near(person: Person, sought_words: ParsedSearch) -> list[Ticket]:
    ids = nearest(_newest_involved(person=person.pk), person, sought_words, OWN_AT_MOST)
    rows = Ticket.objects.select_related("status", "desk").in_bulk(ids)
    return [rows[pk] for pk in ids if pk in rows]


@fast_read("person")
def _newest_involved(*, person: int) -> QuerySet[Ticket, int]:
    tickets = involved_tickets(Person(pk=person)).order_by("-shown_at", "-id")
    return tickets.values_list("pk", flat=True)[:OWN_LOOKED_AT]


def _own(ticket: Ticket) -> OwnRequest:
    url = reverse("portal:card", args=[ticket.desk_id, ticket.key])
    return OwnRequest(ticket.key, ticket.subject, name_of(ticket.status), ticket.status.category, url)
