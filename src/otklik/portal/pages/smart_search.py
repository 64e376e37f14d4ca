"""The search over request types: what fits, what comes near, and where the words can go if nothing does."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from django.urls import reverse

from otklik.core.words import share_of
from otklik.desks.access import Viewer
from otklik.desks.models import Desk, RequestType
from otklik.desks.texts import text_of
from otklik.people.models import Person
from otklik.portal.listing import Wanted
from otklik.portal.queries import wanted_tickets
from otklik.tickets.finding import sought

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class WriteLink:
    """A form with the typed words as its subject."""

    desk: str
    url: str


@dataclass(frozen=True, slots=True)
class NearMiss:
    """Shown where no request type has all the words: `write` per desk, and `own_url` if own requests hold them."""

    write: list[WriteLink]
    own_url: str


def best(query: str, rows: Iterable[Row], text: Callable[[Row], str]) -> tuple[list[Row], bool]:
    """The rows whose text has all words of the query, in their order; else those that share at least one, the nearest
    first. The second value: whether they have all words."""
    measured = [(share_of(query, text(row)), row) for row in rows]
    whole = [row for share, row in measured if share == 1]
    if whole:
        return whole, True
    near = sorted((pair for pair in measured if pair[0] > 0), key=lambda pair: -pair[0])
    return [row for _share, row in near], False


def searched_text(kind: RequestType) -> str:
    """Name and help of a type in every language the desk has words for."""
    return " ".join([kind.name, kind.help, *(text for said in kind.texts.values() for text in said.values())])


def near_miss(viewer: Viewer, query: str, kinds: Sequence[tuple[Desk, RequestType | None]]) -> NearMiss:
    """`kinds`: each desk with the type that would take the words, if the reader may use one."""
    write = [
        WriteLink(
            text_of(desk, "name"),
            f"{reverse('portal:create', args=[desk.pk, kind.pk])}?{urlencode({'summary': query})}",
        )
        for desk, kind in kinds
        if kind is not None
    ]
    return NearMiss(write, _own(viewer, query) if isinstance(viewer, Person) else "")


def _own(person: Person, query: str) -> str:
    wanted = Wanted(status="all", reporter="all", text=query)
    if not wanted_tickets(person, wanted, sought(query)).exists():
        return ""
    return f"{reverse('portal:requests')}?{urlencode({'status': 'all', 'reporter': 'all', 'filter': query})}"
