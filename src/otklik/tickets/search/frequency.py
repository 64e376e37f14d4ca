"""How common words are in what is written on tickets, as far as the database has noticed.

Its planner knows that, too, but takes every beginning of a word for a common one.
"""

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod, sqrt

from django.db import connection

# Prefixes shorter than _TELLING count as frequent.
_TELLING, _COUNTLESS = 3, 10**9
_KEPT_SECONDS = 300.0
_LEXEME = re.compile(r"'([^']*)'(:\*)?")
_STATISTICS = """
SELECT word, sum(share * table_.reltuples), sum(share * table_.reltuples) FILTER (WHERE relname = 'tickets_ticket')
FROM pg_stats stats
JOIN pg_class table_ ON table_.oid = format('%I.%I', stats.schemaname, stats.tablename)::regclass,
unnest(stats.most_common_elems::text::text[], stats.most_common_elem_freqs) AS common (word, share)
WHERE stats.schemaname = current_schema() AND stats.tablename IN ('tickets_message', 'tickets_ticket')
AND stats.attname = 'words' AND word IS NOT NULL GROUP BY word
UNION ALL SELECT NULL, reltuples, NULL FROM pg_class WHERE oid = 'tickets_ticket'::regclass
"""
# Checking a ticket costs about as much as reading three texts from the index; a page has _PAGE hits.
_PER_TICKET, _PAGE = 3, 50
# Bounds of `_worth_it`: more ids are never transferred, fewer are always read from the index.
MOST, _LEAST = 20_000, 500


@dataclass(frozen=True, slots=True)
class Rarest:
    """The word by which to look a reading up in the index, and the number of matches from which to give up."""

    word: str
    most: int


def rarest(reading: Sequence[str]) -> Rarest | None:
    """Return how to look the reading up in the index; None if scanning tickets from the newest is faster.

    It is faster if so many have all the words that a page of them is soon filled.
    """
    texts = {word: texts_with(word) for word in reading}
    word = min(texts, key=lambda text: texts[text])
    most = _worth_it(texts.values(), _known().tickets)
    return Rarest(word, most) if texts[word] <= most else None


def are_common_in_subjects(reading: Sequence[str]) -> bool:
    """Return whether so many subjects have all the words that scanning beats the index."""
    known = _known()
    texts = [_texts_with(word, known.subjects) for word in reading]
    return min(texts) > _worth_it(texts, known.tickets)


def is_taken_from_index(reading: Sequence[str], *, subjects: bool, messages: bool) -> bool:
    """Return whether to use the index for a reading in these texts.

    Yes if one word is rare, and always for several words: the statistics do not tell how often words occur together,
    and the index soon does.
    """
    return len(reading) > 1 or has_rare_word(reading, subjects=subjects, messages=messages)


def has_rare_word(reading: Sequence[str], *, subjects: bool, messages: bool) -> bool:
    """Return whether one of the words is rare in these texts, so that the index yields few rows."""
    known = _known()
    places = ((subjects, known.subjects), (messages, known.messages))
    counts = [sum(_texts_with(word, common) for asked, common in places if asked) for word in reading]
    return min(counts) <= _worth_it(counts, known.tickets)


def texts_with(word: str) -> int:
    """Estimate how many texts contain the tsquery (for a phrase: at most); 0 for words not in the statistics."""
    return _texts_with(word, _known().texts)


def subjects_with(word: str) -> int:
    """Estimate how many subjects contain the tsquery."""
    return _texts_with(word, _known().subjects)


def _texts_with(word: str, common: Mapping[str, int]) -> int:
    texts = []
    for lexeme, beginning in _LEXEME.findall(word):
        if beginning and len(lexeme) < _TELLING:
            return _COUNTLESS
        names = (name for name in common if name.startswith(lexeme)) if beginning else (lexeme,)
        texts.append(sum(common.get(name, 0) for name in names))
    return min(texts, default=0) if "<" in word else sum(texts)


def tickets_there_are() -> int:
    """Estimate the number of tickets by the statistics; below 1 if the table was never analyzed."""
    return _known().tickets


def _worth_it(texts: Iterable[int], tickets: int) -> int:
    """Return how many texts may be read from the index before scanning is faster.

    For a word in n texts of T tickets, a page is filled after about 50 T / n tickets; reading all n costs the same if n
    is the root of 50 T times the cost of a ticket. Words that rarely occur together are worth more reads.
    """
    tickets = max(tickets, 1)
    together = prod(min(1.0, count / tickets) for count in texts if count)
    root = sqrt(_PAGE * _PER_TICKET * tickets)
    return round(min(max(root, _PAGE * _PER_TICKET / together, _LEAST), MOST))


@dataclass(frozen=True)
class _Statistics:
    texts: dict[str, int]
    subjects: dict[str, int]
    tickets: int
    read_at: float

    @cached_property
    def messages(self) -> dict[str, int]:
        return {word: count - self.subjects.get(word, 0) for word, count in self.texts.items()}


_statistics: _Statistics | None = None


def _known() -> _Statistics:
    """Return the statistics of the most frequent words, cached for five minutes."""
    global _statistics
    if _statistics is None or time.monotonic() - _statistics.read_at > _KEPT_SECONDS:
        with connection.cursor() as cursor:
            cursor.execute(_STATISTICS)
            rows = cursor.fetchall()
        counts = {word: int(count) for word, count, _subjects in rows}
        subjects = {word: int(count) for word, _texts, count in rows if count}
        tickets = counts.pop(None, 0)
        _statistics = _Statistics(texts=counts, subjects=subjects, tickets=tickets, read_at=time.monotonic())
    return _statistics
