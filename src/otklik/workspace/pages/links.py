"""The links of a ticket, as its page shows them and as the page on which one is added offers them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from otklik.tickets.models import TicketLink
from otklik.workspace.queries import Near

Kind = TicketLink.Kind
# From the kind and the end at which one stands to words; what is missing reads the same from both ends.
WORDS: dict[tuple[str, str], Promise] = {
    (Kind.RELATES, "out"): _("relates to"),
    (Kind.DUPLICATES, "out"): _("duplicates"),
    (Kind.DUPLICATES, "in"): _("is duplicated by"),
    (Kind.BLOCKS, "out"): _("blocks"),
    (Kind.BLOCKS, "in"): _("is blocked by"),
    (Kind.CAUSES, "out"): _("causes"),
    (Kind.CAUSES, "in"): _("is caused by"),
}


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


def link_words(kind: str, way: str) -> str:
    """How the ticket at the end `way` ("out": the source) has to do with the other one; "" for no kind of ours."""
    return str(WORDS.get((kind, way)) or WORDS.get((kind, "out")) or "")


def link_line(kind: str, data: Mapping[str, str]) -> tuple[str, str]:
    """What the history says of a link that came or went, from the event's kind and data."""
    label = gettext("Linked") if kind == "ticket.link_added" else gettext("Linked no more")
    return label, f"{link_words(data.get('link', ''), data.get('way', ''))} {data.get('other', '')}"


def choices() -> list[tuple[str, str]]:
    """What a link may be, from the ticket at hand: (value of the form, words)."""
    return [(f"{kind}:{way}", str(words)) for (kind, way), words in WORDS.items()]


def linked_lines(key: str, rows: Iterable[Near]) -> list[Linked]:
    """The links of the ticket `key`, those of one kind together."""
    order = [link_words(kind, way) for kind, way in WORDS]
    lines = [
        Linked(
            words=link_words(row.kind, row.way),
            key=row.key,
            url=reverse("workspace:ticket", args=[row.key]),
            subject=row.subject,
            status=row.status,
            category=row.category,
            remove_url=reverse("workspace:remove_link", args=[key, row.link_id]),
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: order.index(line.words))
