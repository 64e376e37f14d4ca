"""Tickets in which words stand, with bounded work for each word (ADR 87): rare ones are taken from the index; for
common ones each ticket is looked into, so that a list is full after a few."""

import time
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import OuterRef, Q, QuerySet, Value
from django.db.models.lookups import GreaterThan

from otklik.core.fast_reads import AnyOf, Counted
from otklik.core.statement_timeout import StatementTimedOut, each_statement_within
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.text_query import Words
from otklik.tickets.models import Message, Ticket
from otklik.tickets.search.frequency import MOST, has_rare_word, is_taken_from_index
from otklik.tickets.search.query import as_written

# Time for one condition on common words, and for all of a query, however many conditions it has.
_INDEX_LIMIT = timedelta(milliseconds=500)
_ALL_LIMIT = timedelta(milliseconds=1_500)


@dataclass(frozen=True, slots=True)
class Places:
    """Which texts of a ticket to search: subject, opening message, other messages."""

    subject: bool = False
    opening: bool = False
    comments: bool = False


def words_in(places: Places, words: Words, asker: Asker) -> Q:
    """Tickets with all words of one alternative in one text that the asker may read."""
    ids = _by_index(places, words, asker)
    if ids is None:
        asker.once(_EACH, lambda: True)
        return _looked_into(places, words, asker)
    if asker.is_staff_everywhere:  # who may read every message of the searched tickets
        return Q(AnyOf("pk", ids))
    return Q(AnyOf("pk", ids)) & _looked_into(places, words, asker)


def checks_each_ticket(asker: Asker) -> bool:
    """Whether a condition of this asker's query is checked in the texts of each ticket, because its words are common.

    A thousand such tickets take the database 20 ms to count.
    """
    return asker.has_cached(_EACH)


def is_said(places: Places, asker: Asker) -> Q:
    """Tickets with any message in these places."""
    return _any(_readable(asker).filter(**_of(places)))


_EACH = "words that are looked for in each ticket"


@dataclass(slots=True)
class _Spent:
    """The time in seconds that index searches have taken for one asker."""

    seconds: float = 0


def _by_index(places: Places, words: Words, asker: Asker) -> list[int] | None:
    """Return the ids of all tickets with the words, regardless of rights; None if there are too many.

    Beyond some number of matches checking each ticket is faster. The index search is abandoned after MOST texts if the
    statistics were wrong, and for all further conditions once it has taken too long in total.
    """
    looked_at = {"subjects": places.subject, "messages": places.opening or places.comments}
    if not all(is_taken_from_index(reading, **looked_at) for reading in words.readings):
        return None
    spent = asker.once(_Spent, _Spent)
    left = _ALL_LIMIT - timedelta(seconds=spent.seconds)
    if left < timedelta(milliseconds=1):
        return None
    # For a rare word, waiting for a cold disk still beats checking every ticket.
    is_rare = all(has_rare_word(reading, **looked_at) for reading in words.readings)
    begun = time.monotonic()
    try:
        with each_statement_within(left if is_rare else min(_INDEX_LIMIT, left)):
            ids = _texts_with(places, words)
    except StatementTimedOut:
        return None
    finally:
        spent.seconds += time.monotonic() - begun
    return list(dict.fromkeys(ids)) if len(ids) <= MOST else None


def _texts_with(places: Places, words: Words) -> list[int]:
    """Return the ticket id of each matching text, at most MOST + 1 per kind."""
    query, ids = as_written(words.query), list[int]()
    if places.subject:
        ids += Ticket.objects.filter(words=query).order_by().values_list("pk", flat=True)[: MOST + 1]
    if places.opening or places.comments:
        messages = Message.objects.filter(words=query, **_of(places)).order_by()
        ids += messages.values_list("ticket_id", flat=True)[: MOST + 1]
    return ids


def _looked_into(places: Places, words: Words, asker: Asker) -> Q:
    query = as_written(words.query)
    condition = Q(words=query) if places.subject else Q()
    if places.opening or places.comments:
        condition |= _any(_readable(asker).filter(words=query, **_of(places)))
    return condition


def _readable(asker: Asker) -> QuerySet[Message]:
    """The messages of the outer query's ticket that the asker may read."""
    messages = Message.objects.all() if asker.is_staff_everywhere else asker.messages
    return messages.filter(ticket=OuterRef("pk"))


def _of(places: Places) -> dict[str, bool]:
    return {} if places.opening is places.comments else {"opening": places.opening}


def _any(messages: QuerySet[Message]) -> Q:
    """A count rather than EXISTS, for which PostgreSQL would collect the messages of all tickets first."""
    return Q(GreaterThan(Counted(messages.order_by()[:1]), Value(0)))
