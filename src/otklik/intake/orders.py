"""What a customer may ask for by a bare word in a mail: rate the help, close the request. Small on purpose (ADR 30).

Only mails that may write on the request come here (proved or aligned, from somebody on it). A word counts when the new
words of the mail begin with it alone in its line; the rest goes with it. Whatever was not meant so is easy to take
back: the answer to such a mail says how.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from otklik.people.models import Person
from otklik.tickets.commands.status import customer_transitions
from otklik.tickets.models import Ticket
from otklik.tickets.ratings import may_rate

LONGEST_RATING = 300
_CLOSE = re.compile(
    r"(?:пожалуйста[, ]+)?(?:закрыть|закройте|закрывайте|можно закрывать|можно закрыть|close|please close)"
    r"(?:[, ]+(?:запрос|заявку|it|the request|пожалуйста|please))*[.!]*",
    re.IGNORECASE,
)
_RATING = re.compile(
    r"(?:(?:моя\s+)?оценка|ставлю|rating)?[\s:=–—-]*([1-5])(?:\s*(?:/|из|of)\s*5)?(?:[\s.,!;:)–—-]+(.*))?",
    re.IGNORECASE | re.DOTALL,
)


class Wish(StrEnum):
    """What a mail may ask for besides being a comment."""

    RATE = "rate"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Order:
    """`score`: 1 to 5 for a rating, else 0; `words`: what is left when the order is taken away."""

    wish: Wish
    score: int = 0
    words: str = ""


def order_in(text: str, ticket: Ticket, writer: Person | None, at: datetime) -> Order | None:
    """The order that the new words of a mail give, if this writer may give it now. Reads; changes nothing.

    On a closed request the requester's number is a rating, on an open one "close" closes. Everything else is a comment.
    """
    text = text.strip()
    if ticket.closed_at is not None:
        found = _RATING.fullmatch(text) if len(text) <= LONGEST_RATING else None
        if found is not None and _is_rating(text, found) and may_rate(writer, ticket, at):
            return Order(Wish.RATE, int(found[1]), (found[2] or "").strip())
        return None
    first, _end, rest = text.partition("\n")
    if _CLOSE.fullmatch(first.strip()) and any(row.target.is_done for row in customer_transitions(ticket)):
        return Order(Wish.CLOSE, words=rest.strip())
    return None


def _is_rating(text: str, found: re.Match[str]) -> bool:
    """A number alone in its line, or with the word for it: «5 минут назад опять сломалось» is no rating."""
    rest = (found[2] or "").strip()
    named = not text[:1].isdigit() or "/" in text[:4]
    alone = "\n" not in text.strip() and not rest
    first = text.split("\n", 1)[0].strip()
    return named or alone or bool(re.fullmatch(r"[1-5](?:\s*(?:/|из|of)\s*5)?[.!)]*", first)) or _is_thanks(rest)


def _is_thanks(rest: str) -> bool:
    return bool(re.match(r"(?:спасибо|благодар|отлично|хорошо|thank)", rest, re.IGNORECASE))
