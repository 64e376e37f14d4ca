"""Find tickets by number and by what was written in them (ADR 27).

Who may see a ticket and which messages count is the caller's: `tickets` and `said` come from tickets.access. A word
counts where it stands: in the subject, or with one of the messages `said`: its text, the names of its files, for the
opening one the answers to the form. All words of one reading must be found.
"""

import re
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import BooleanField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from otklik.core.search_text import other_forms, to_latin, tokens, variants
from otklik.tickets.keys import DESK_KEY, canonical, with_key
from otklik.tickets.models import Message, Ticket
from otklik.tickets.models.vectors import CONFIG

LONGEST = 200
MOST_WORDS = 8
# A word in fewer texts than this is looked up in the index; for a commoner one it is quicker to walk the tickets from
# the newest and look into each.
RARE = 3_000
MOST_CANDIDATES = 10_000
# The beginning of a word tells little before it has so many letters.
_TELLING, _COUNTLESS = 3, 10**9
_KEPT_SECONDS = 300.0
_LEXEME = re.compile(r"'([^']*)'(:\*)?")
_STATISTICS = """
SELECT word, sum(share * table_.reltuples) FROM pg_stats stats
JOIN pg_class table_ ON table_.oid = format('%I.%I', stats.schemaname, stats.tablename)::regclass,
unnest(stats.most_common_elems::text::text[], stats.most_common_elem_freqs) AS common (word, share)
WHERE stats.schemaname = current_schema() AND stats.tablename IN ('tickets_message', 'tickets_ticket')
AND stats.attname = 'words' AND word IS NOT NULL GROUP BY word
"""

_NUMBER = re.compile(rf"(?:({DESK_KEY}?)[\s-]*)??[\s#№-]*(\d{{1,9}})")


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
    parsed = [_telling([next(known) for _ in reading]) for reading in readings]
    return Sought(text, tuple(dict.fromkeys(reading for reading in parsed if reading)))


def _telling(words: list[tuple[str, bool]]) -> tuple[str, ...]:
    """The queries of words that say something; a small last word may begin a longer one only where it stands alone."""
    said = tuple(query for query, is_small in words if query and not is_small)
    return said or tuple(query for query, _is_small in words if query)


def cleaned(typed: str) -> str:
    """One line, of bearable length, without what PostgreSQL cannot store."""
    return " ".join(typed.replace("\0", " ").split())[:LONGEST]


def found(tickets: QuerySet[Ticket], said: QuerySet[Message], sought: Sought) -> QuerySet[Ticket]:
    """Those of the tickets in which all words stand; unsorted. `said`: messages that may be looked into."""
    near, rarest = Q(pk__in=[]), list[str]()
    for reading in sought.readings:
        near |= _all_words(said, reading)
        rarest.append(_rarest(reading))
    if "" in rarest:
        return tickets.filter(near)
    # Asked by itself: within the whole question the planner would walk all tickets, because it thinks that beginnings
    # of words are common.
    ids = set(_with_word(" | ".join(f"({word})" for word in rarest))) if rarest else set()
    return tickets.filter(near, pk__in=ids) if len(ids) <= MOST_CANDIDATES else tickets.filter(near)


def nearest(tickets: QuerySet[Ticket], said: QuerySet[Message], sought: Sought, most: int) -> list[int]:
    """Ids of those with most of the words of one reading, half of them at least; the newest change first among equals.

    Each word costs a query over all the `tickets`: they are few, and nobody needs this where `found` finds something.
    """
    counts: dict[int, float] = {}
    for reading in sought.readings:
        hits = (tickets.filter(_all_words(said, [word])).values_list("pk", flat=True) for word in reading)
        held = Counter(pk for ids in hits for pk in ids)
        for pk, count in held.items():
            counts[pk] = max(counts.get(pk, 0), count / len(reading))
    ids = tickets.order_by("-updated_at", "-id").values_list("pk", flat=True)
    return sorted((pk for pk in ids if counts.get(pk, 0) >= 0.5), key=lambda pk: -counts[pk])[:most]


def numbered(tickets: QuerySet[Ticket], typed: str) -> QuerySet[Ticket]:
    """Those that "ACCREDO-4", "accredo 4", "№4" or "4" names, also with the key typed in the Russian layout.

    A ticket is found by keys that it had before, too, but not by their numbers alone.
    """
    text = cleaned(typed).upper()
    match = _NUMBER.fullmatch(text) or _NUMBER.fullmatch(to_latin(text))
    if match is None:
        return tickets.none()
    key, number = match[1], int(match[2])
    return with_key(tickets, canonical(f"{key}-{number}")) if key else tickets.filter(number=number)


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
    in_subjects = Ticket.objects.filter(words=query_of(word)).order_by().values_list("pk", flat=True)
    in_messages = Message.objects.filter(words=query_of(word)).order_by().values_list("ticket_id", flat=True)
    return in_messages.union(in_subjects, all=True)


def _rarest(reading: Iterable[str]) -> str:
    """The word by whose index the reading is looked up; "" when all are common."""
    texts, word = min((_estimate(word), word) for word in reading)
    return word if texts <= RARE else ""


def _estimate(word: str) -> int:
    """In how many texts one of the query's words stands, as far as the database has noticed; 0 for words it has not."""
    common, texts = _common_words(), 0
    for lexeme, beginning in _LEXEME.findall(word):
        if beginning and len(lexeme) < _TELLING:
            return _COUNTLESS
        names = (name for name in common if name.startswith(lexeme)) if beginning else (lexeme,)
        texts += sum(common.get(name, 0) for name in names)
    return texts


_known: tuple[float, dict[str, int]] = (0.0, {})


def _common_words() -> dict[str, int]:
    """The words that stand in most texts, and in how many: what the database's own statistics say, kept for a while.

    The planner knows them, too, but takes every beginning of a word for a common one.
    """
    global _known
    if not _known[0] or time.monotonic() - _known[0] > _KEPT_SECONDS:
        with connection.cursor() as cursor:
            cursor.execute(_STATISTICS)
            _known = (time.monotonic(), {str(word): int(texts) for word, texts in cursor.fetchall()})
    return _known[1]


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


def _queries(terms: list[tuple[str, str]]) -> list[tuple[str, bool]]:
    """For each term its tsquery, and whether no text is searched by the word itself («нет», "the")."""
    sql = (
        "SELECT (to_tsquery(%s::regconfig, basic) || to_tsquery('simple', typed))::text, "
        "numnode(to_tsquery(%s::regconfig, basic)) = 0 "
        "FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS term (basic, typed, place) ORDER BY place"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [CONFIG, CONFIG, [basic for basic, _ in terms], [typed for _, typed in terms]])
        return [(row[0], row[1]) for row in cursor.fetchall()]
