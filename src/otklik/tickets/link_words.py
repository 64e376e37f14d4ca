"""Names of link types, from either end of a link."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from otklik.tickets.models import TicketLink

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


def link_words(kind: str, way: str) -> str:
    """How the ticket at the end `way` ("out": the source) has to do with the other one; "" for no kind of ours."""
    return str(WORDS.get((kind, way)) or WORDS.get((kind, "out")) or "")
