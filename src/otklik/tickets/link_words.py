"""Names of link types, from either end of a link."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from otklik.tickets.models import TicketLink

Kind = TicketLink.Kind
# By kind and end; a missing "in" reads the same as "out".
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
    """Return the phrase for a link as seen from one end ("out": the source); "" for an unknown kind."""
    return str(WORDS.get((kind, way)) or WORDS.get((kind, "out")) or "")
