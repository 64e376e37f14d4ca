"""Rate a closed ticket."""

from datetime import datetime

from django.db import transaction

from otklik.people.actor import Actor
from otklik.tickets.commands.base import UnableToChange, locked, tell
from otklik.tickets.events import TicketRated
from otklik.tickets.models import Rating, Ticket
from otklik.tickets.models.rating import SCORES
from otklik.tickets.ratings import may_rate
from otklik.tickets.refusals import TicketRefusal

LONGEST = 5_000


def rate(*, actor: Actor, at: datetime, ticket: Ticket, score: int, words: str = "") -> Rating:
    """Rate a closed ticket, or change the rating; earlier ones remain in the journal only.

    Does not reopen and mails nobody. An empty comment keeps the earlier one. Raises UnableToChange: not the requester,
    not closed or too long ago, no score from 1 to 5.
    """
    if score not in SCORES:
        raise UnableToChange(TicketRefusal.RATING_INVALID)
    with transaction.atomic():
        ticket = locked(ticket)
        if not may_rate(actor.person, ticket, at) or actor.person is None:
            raise UnableToChange(TicketRefusal.NOT_RATABLE)
        before = Rating.objects.filter(ticket=ticket).first()
        comment_kept = words.strip()[:LONGEST] or (before.words if before else "")
        values = {"person": actor.person, "score": score, "words": comment_kept, "rated_at": at}
        rating, _made = Rating.objects.update_or_create(ticket=ticket, defaults=values)
        tell(ticket, TicketRated(score=score, words=comment_kept, before=before.score if before else None), actor, at)
    return rating
