"""Page data for a ticket's links, and for the page that adds one."""

from collections.abc import Iterable
from dataclasses import dataclass

from otklik.tickets.link_words import WORDS, link_words
from otklik.ui.addresses import address_of
from otklik.workspace.queries import Near


@dataclass(frozen=True, slots=True)
class Linked:
    """A linked ticket in one line, and the form that removes the link."""

    words: str
    key: str
    url: str
    subject: str
    status: str
    category: str
    remove_url: str


def choices() -> list[tuple[str, str]]:
    """What a link may be, from the ticket at hand: (value of the form, words)."""
    return [(f"{kind}:{way}", str(label)) for (kind, way), label in WORDS.items()]


def linked_lines(key: str, rows: Iterable[Near]) -> list[Linked]:
    """The links of the ticket `key`, those of one kind together."""
    order = [link_words(kind, way) for kind, way in WORDS]
    lines = [
        Linked(
            words=link_words(near.kind, near.way),
            key=near.key,
            url=address_of("workspace:ticket", near.key),
            subject=near.subject,
            status=near.status,
            category=near.category,
            remove_url=address_of("workspace:remove_link", key, near.link_id),
        )
        for near in rows
    ]
    return sorted(lines, key=lambda line: order.index(line.words))
