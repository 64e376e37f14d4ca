"""Signs that no index of words knows: emoji, fractions, arrows (ADR 80)."""

from collections.abc import Sequence

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from otklik.core.fast_reads import AnyOf
from otklik.tickets.models import Message, Ticket
from otklik.tickets.search.lookup import in_state
from otklik.tickets.search.ranking import Place

LOOKED_INTO = 1_000


def has_signs_alone(text: str) -> bool:
    """Whether there is no letter and no digit in it; ½ and ² are none."""
    return not any(sign.isalpha() or sign.isdecimal() for sign in text)


def with_signs(
    desks: Sequence[int], signs: str, *, state: str = "", narrowed: Q | None = None, most: int
) -> list[Place]:
    """Tickets in whose subject or messages the signs stand exactly so, as `ranked` orders them. One statement.

    `desks`: ids of desks whose staff the reader is: everything said counts. `state` and `narrowed`: as of `Asked`.
    Looks into the LOOKED_INTO of them that changed last, and no further.
    """
    of_desks = in_state(Ticket.objects.filter(AnyOf("desk_id", list(desks))), state)
    newest = (of_desks.filter(narrowed) if narrowed is not None else of_desks).order_by("-updated_at", "-pk")
    in_subject = ExpressionWrapper(Q(subject__contains=signs), output_field=BooleanField())
    said = Exists(Message.objects.filter(ticket=OuterRef("pk"), text__contains=signs))
    rows = Ticket.objects.filter(pk__in=newest.values("pk")[:LOOKED_INTO]).annotate(in_subject=in_subject)
    found = rows.filter(Q(in_subject=True) | said).order_by("-in_subject", "-updated_at", "-pk")
    return [Place(*row) for row in found.values_list("in_subject", "updated_at", "pk")[:most]]
