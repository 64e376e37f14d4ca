"""Signs that no index of words knows: emoji, fractions, arrows (ADR 80)."""

from collections.abc import Mapping

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from otklik.core.fast_reads import AnyOf
from otklik.tickets.models import Message, Ticket
from otklik.tickets.search.lookup import in_state
from otklik.tickets.search.ranking import Asked, Place
from otklik.tickets.search.snippets import Highlighted, Segment

LOOKED_INTO = 1_000
_NEAR = 60


def has_signs_alone(text: str) -> bool:
    """Return whether the text has neither letters nor decimal digits; ½ and ² do not count."""
    return not any(sign.isalpha() or sign.isdecimal() for sign in text)


def with_signs(signs: str, asked: Asked, *, after: Place | None, most: int) -> list[Place]:
    """Return tickets that contain the signs literally, in the order of `ranked`. One statement.

    Searches the LOOKED_INTO tickets changed last. Ignores words and requesters of `asked`.
    """
    of_desks = in_state(Ticket.objects.filter(AnyOf("desk_id", list(asked.desks))), asked.state)
    newest = (of_desks if asked.narrowed is None else of_desks.filter(asked.narrowed)).order_by("-updated_at", "-pk")
    in_subject = ExpressionWrapper(Q(subject__contains=signs), output_field=BooleanField())
    in_messages = Exists(Message.objects.filter(ticket=OuterRef("pk"), text__contains=signs))
    rows = Ticket.objects.filter(pk__in=newest.values("pk")[:LOOKED_INTO]).annotate(in_subject=in_subject)
    matches = rows.filter(Q(in_subject=True) | in_messages).order_by("-in_subject", "-updated_at", "-pk")
    places = [Place(*row) for row in matches.values_list("in_subject", "updated_at", "pk")]
    return [place for place in places if after is None or place < after][:most]


def signs_in(shown: Mapping[int, str], signs: str) -> dict[int, Highlighted]:
    """For each ticket (id: subject), mark the signs in the subject and in the newest message that contains them.

    For the staff, as all messages are searched. One statement.
    """
    messages = Message.objects.filter(AnyOf("ticket_id", list(shown)), text__contains=signs)
    newest = messages.order_by("ticket_id", "-created_at", "-pk").distinct("ticket_id").values_list("ticket_id", "text")
    excerpts = {ticket: _around(text, signs, near=_NEAR) for ticket, text in newest}
    return {pk: Highlighted(_around(subject, signs), excerpts.get(pk, [])) for pk, subject in shown.items()}


def _around(text: str, signs: str, *, near: int | None = None) -> list[Segment]:
    """Return the text with the first occurrence marked. `near`: how many characters to keep around it."""
    before, found, after = text.partition(signs)
    if near is not None:
        before = before if len(before) <= near else f"… {before[-near:]}"
        after = after if len(after) <= near else f"{after[:near]} …"
    segments = [Segment(before, marked=False), Segment(found, marked=True), Segment(after, marked=False)]
    return [segment for segment in segments if segment.text]
