"""Page data for a ticket's links, and for the page that adds one."""

from collections.abc import Iterable
from dataclasses import dataclass

from otklik.tickets.link_words import WORDS, link_words
from otklik.ui.addresses import address_of
from otklik.workspace.queries import Near


@dataclass(frozen=True, slots=True)
class Linked:
    """A linked ticket as a line, and the URL that removes the link."""

    words: str
    key: str
    url: str
    subject: str
    status: str
    category: str
    remove_url: str


def choices() -> list[tuple[str, str]]:
    """Return (form value, label) of the kinds of links, seen from the ticket at hand."""
    return [(f"{kind}:{way}", str(label)) for (kind, way), label in WORDS.items()]


def linked_lines(key: str, rows: Iterable[Near]) -> list[Linked]:
    """Return the links of the ticket with this key, grouped by kind."""
    order = [link_words(kind, way) for kind, way in WORDS]
    lines = [
        Linked(
            words=link_words(row.kind, row.way),
            key=row.key,
            url=address_of("workspace:ticket", row.key),
            subject=row.subject,
            status=row.status,
            category=row.category,
            remove_url=address_of("workspace:remove_link", key, row.link_id),
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: order.index(line.words))
