"""Page data for the satisfaction rating: five grades and a comment."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from otklik.core.ids import typed_id
from otklik.people.models import Person
from otklik.tickets.drafts import Begun, DraftPart
from otklik.tickets.models import Draft, Ticket
from otklik.tickets.models.rating import SCORES
from otklik.tickets.ratings import may_rate, rateable_until, rating_of


@dataclass(frozen=True, slots=True)
class ScoreChoice:
    """A score with its label."""

    score: int
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class RatingBlock:
    """`open`: the rating may be given or changed until `until`; `score`: 0 if not rated; `draft`: on the card only."""

    choices: list[ScoreChoice]
    score: int
    words: str
    open: bool
    until: datetime | None
    draft: DraftPart | None = None


def score_words(score: int) -> str:
    """Return the label of a score from 1 to 5; "" for any other number."""
    labels = {1: _("very bad"), 2: _("bad"), 3: _("so-so"), 4: _("good"), 5: _("excellent")}
    return labels.get(score, "")


def rating_block(
    reader: Person, ticket: Ticket, at: datetime, *, chosen: int = 0, typed: str = "", begun: Begun | None = None
) -> RatingBlock | None:
    """Return the rating for the requester of a closed ticket; None for others, and if it is too late to rate. One
    query.

    `chosen`, `typed`: values to show; without them, those of the draft in `begun`.
    """
    if ticket.requester_id != reader.pk or ticket.closed_at is None:
        return None
    rating = rating_of(ticket)
    is_open = may_rate(reader, ticket, at)
    if rating is None and not is_open:
        return None
    score = rating.score if rating else 0
    draft = begun.part(Draft.Kind.RATING, restored=not typed) if begun is not None and is_open else None
    if draft is not None and begun is not None:
        chosen = chosen or typed_id(begun.said(Draft.Kind.RATING, "score"))
        typed = typed or begun.said(Draft.Kind.RATING, "words")
    choices = [
        ScoreChoice(score_value, score_words(score_value), score_value == (chosen or score)) for score_value in SCORES
    ]
    comment = typed or (rating.words if rating else "")
    return RatingBlock(choices, score, comment, is_open, rateable_until(ticket), draft)
