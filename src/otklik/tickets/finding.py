"""Find tickets by number and by what was written in them (ADR 27).

Who may see a ticket and which messages count is the caller's: `tickets` and `said` come from tickets.access. A word
counts where it stands: in the subject or in one of the messages `said`; all words of one reading must be found.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import BooleanField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from otklik.core.words import other_forms, to_latin, tokens, variants
from otklik.tickets.models import Message, Ticket
from otklik.tickets.models.vectors import CONFIG

LONGEST = 200
MOST_WORDS = 8
# A word in fewer texts than this is looked up in the index; for a commoner one it is quicker to walk the tickets from
# the newest and look into each.
RARE = 3_000
_RARE_ENOUGH = 100

_NUMBER = re.compile(r"(?:([A-Z][A-Z0-9]{1,9}?)[\s-]*)??[\s#№-]*(\d{1,9})")


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody looks for. `readings`: for each thing they may have meant, one tsquery for each word."""

    text: str
    readings: tuple[tuple[str, ...], ...]

    @property
    def any_word(self) -> str:
        """The tsquery that any of the words meets."""
        return " | ".join(dict.fromkeys(f"({word})" for reading in self.readings for word in reading))


def sought(typed: str) -> Sought | None:
    """What was typed, understood: forms of words, е for ё, the other keyboard layout, the last word by its beginning.

    None when nothing is in it. One query: the database knows the basic forms, and words that say nothing («не», "the").
    """
    text = cleaned(typed)
    readings = [tokens(variant)[:MOST_WORDS] for variant in variants(text)]
    if not readings:
        return None
    known = iter(_queries([word for reading in readings for word in _terms(reading)]))
    parsed = tuple(tuple(word for word in [next(known) for _ in reading] if word) for reading in readings)
    return Sought(text, tuple(dict.fromkeys(reading for reading in parsed if reading)))


def cleaned(typed: str) -> str:
    """One line, of bearable length, without what PostgreSQL cannot store."""
    return " ".join(typed.replace("\0", " ").split())[:LONGEST]


def found(tickets: QuerySet[Ticket], said: QuerySet[Message], sought: Sought) -> QuerySet[Ticket]:
    """Those of the tickets in which all words stand; unsorted. `said`: messages that may be looked into."""
    near, rarest = Q(pk__in=[]), list[str]()
    for reading in sought.readings:
        near |= _all_words(said, reading)
        rarest.append(_rarest(reading))
    if "" not in rarest:
        tickets = tickets.filter(pk__in=_with_word(" | ".join(f"({word})" for word in rarest)))
    return tickets.filter(near)


def numbered(tickets: QuerySet[Ticket], typed: str) -> QuerySet[Ticket]:
    """Those that "ACCREDO-4", "accredo 4", "№4" or "4" names, also with the key typed in the Russian layout."""
    text = cleaned(typed).upper()
    match = _NUMBER.fullmatch(text) or _NUMBER.fullmatch(to_latin(text))
    if match is None:
        return tickets.none()
    key, number = match[1], int(match[2])
    return tickets.filter(key=f"{key}-{number}") if key else tickets.filter(number=number)


def query_of(word: str) -> SearchQuery:
    """The tsquery as an expression."""
    return SearchQuery(word, config="simple", search_type="raw")


def _all_words(said: QuerySet[Message], reading: Iterable[str]) -> Q:
    every = Q()
    for word in reading:
        every &= Q(words=query_of(word)) | Q(_said(said, word))
    return every


def _said(said: QuerySet[Message], word: str) -> Coalesce:
    """Whether the word stands in a message. Not EXISTS: PostgreSQL would gather all such messages of the house."""
    hits = said.filter(ticket=OuterRef("pk"), words=query_of(word)).order_by().annotate(hit=Value(True))
    return Coalesce(Subquery(hits.values("hit")[:1]), Value(False), output_field=BooleanField())


def _with_word(word: str) -> QuerySet[Message, Any]:
    """Ids of all tickets with the word; only narrows, so it need not ask who may read."""
    in_messages = Message.objects.filter(words=query_of(word)).order_by().values(found=F("ticket_id"))
    return in_messages.union(Ticket.objects.filter(words=query_of(word)).order_by().values(found=F("pk")), all=True)


def _rarest(reading: Iterable[str]) -> str:
    """The word by whose index the reading is looked up; "" when all are common."""
    counted: list[tuple[int, str]] = []
    for word in reading:
        texts = _estimate(word)
        counted.append((texts, word))
        if texts <= _RARE_ENOUGH:
            break
    texts, word = min(counted)
    return word if texts <= RARE else ""


def _estimate(word: str) -> int:
    """In how many texts the word stands, by the planner's statistics: no row is read."""
    plans = (
        json.loads(rows.filter(words=query_of(word)).order_by().values("pk").explain(format="json"))
        for rows in (Message.objects.all(), Ticket.objects.all())
    )
    return sum(int(plan[0]["Plan"]["Plan Rows"]) for plan in plans)


def _terms(reading: list[str]) -> list[tuple[str, str]]:
    """For each word its basic form's and, for the last one, its beginning's query."""
    last = len(reading) - 1
    return [_term(word, whole=place < last or len(word) < 2) for place, word in enumerate(reading)]


def _term(word: str, *, whole: bool) -> tuple[str, str]:
    forms = [f"'{form}'" for form in other_forms(word)]
    # Short numbers are numbers: 4 is not the beginning of 4123.
    if whole or (word.isdigit() and len(word) < 4):
        return " | ".join([f"'{word}'", *forms]), ""
    return " | ".join([f"'{word}':*", *forms]), f"'{word}':*"


def _queries(terms: list[tuple[str, str]]) -> list[str]:
    sql = (
        "SELECT (to_tsquery(%s::regconfig, basic) || to_tsquery('simple', typed))::text "
        "FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS term (basic, typed, place) ORDER BY place"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [CONFIG, [basic for basic, _ in terms], [typed for _, typed in terms]])
        return [row[0] for row in cursor.fetchall()]
