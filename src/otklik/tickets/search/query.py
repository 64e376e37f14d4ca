"""Find tickets by number and by what was written in them (ADR 27).

Nothing here checks access: callers pass `tickets` and `messages` filtered by tickets.access. A word may be in the
subject, or in one of the messages: its text, its file names, or, for the opening message, the answers to the form. All
words of one reading must be found.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import BooleanField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import Expression
from django.db.models.functions import Coalesce

from otklik.core.search_text import has_basic_beginning, layouts, other_forms, to_latin, tokens
from otklik.tickets.keys import DESK_KEY, canonical, with_key
from otklik.tickets.models import Message, Ticket
from otklik.tickets.models.search_vectors import CONFIG
from otklik.tickets.search.typed import TypedPiece, typed_pieces

LONGEST = 200
MOST_WORDS = 8

_PHONE = re.compile(r"(?:\+?7|8)?[\s(.-]*(\d{3})[\s).-]*(\d{3})[\s.-]*(\d{2})[\s.-]*(\d{2})")
_NUMBER = re.compile(rf"(?:({DESK_KEY}?)[\s-]*)??[\s#№-]*(\d{{1,9}})")


@dataclass(frozen=True, slots=True)
class ParsedSearch:
    """An interpreted search.

    `readings`: for each interpretation, one tsquery per word or phrase; empty if only absent words were given.
    `without`: the tsquery of what must be absent, "" for nothing. `terms`: what each reading was made from, and the
    absent terms.
    """

    text: str
    readings: tuple[tuple[str, ...], ...]
    without: str = ""
    terms: tuple[tuple["Term", ...], ...] = ()

    @property
    def any_word(self) -> str:
        """The tsquery that matches any of the words."""
        return any_of(word for reading in self.readings for word in reading)

    @property
    def in_one_text(self) -> str:
        """The tsquery that matches texts with all words of one of the readings."""
        return any_of(" & ".join(f"({word})" for word in reading) for reading in self.readings)


NOTHING = ParsedSearch("", ())


@dataclass(frozen=True, slots=True)
class Term:
    """A folded word, or the words of a phrase. `is_beginning`: match words with this prefix as well."""

    text: str
    is_beginning: bool = False
    is_phrase: bool = False
    is_absent: bool = False


class _Known(NamedTuple):
    """A term, its tsquery, and whether it is a stop word («нет», "the")."""

    term: Term
    query: str
    is_stop_word: bool


def parse_search(typed: str, *, with_signs: bool = False) -> ParsedSearch | None:
    """Interpret a search: word forms, е for ё, keyboard layouts, spellings of phone numbers, the last word as a prefix.

    `with_signs`: also phrases and absent words (module `typed`). None if there is nothing to search for. One query for
    PostgreSQL's stemming and stop words, a second if only stop words are to be absent.
    """
    text = cleaned(typed)
    pieces = typed_pieces(text) if with_signs else [TypedPiece(text, is_beginning=True)]
    readings = [_reading(pieces, layout) for layout in layouts(text)] + [_plain(words) for words in _as_phone(text)]
    readings = [reading for reading in readings if reading]
    if not readings:
        return None
    known = iter(_queries([term for reading in readings for term in reading]))
    told: dict[tuple[str, ...], tuple[Term, ...]] = {}
    without: list[str] = []
    alone: tuple[Term, ...] = ()
    every = [[_Known(term, *next(known)) for term in reading] for reading in readings]
    for parsed in every:
        present = _without_stop_words([word for word in parsed if not word.term.is_absent])
        absent = [word for word in parsed if word.term.is_absent and word.query]
        without += [word.query for word in absent]
        if present:
            terms = tuple(word.term for word in (*present, *absent))
            told.setdefault(tuple(word.query for word in present), terms)
        else:
            alone = alone or tuple(word.term for word in absent)
    if with_signs and not told and not any(word.query for word in every[0]):
        # «-нет»: stop words are not indexed, so they cannot be excluded.
        return parse_search(typed)
    return ParsedSearch(text, tuple(told), any_of(without), tuple(told.values()) or ((alone,) if alone else ()))


def _reading(pieces: Iterable[TypedPiece], layout: Callable[[str], str]) -> list[Term]:
    """Return at most MOST_WORDS terms: one per word, or per phrase."""
    terms: list[Term] = []
    for piece in pieces:
        words = tokens(layout(piece.text))[:MOST_WORDS]
        # An absent address or file name must be absent as a whole, not each of its words.
        if words and (piece.is_phrase or (piece.is_absent and len(words) > 1)):
            terms.append(Term(" ".join(words), is_phrase=True, is_absent=piece.is_absent))
        else:
            terms += [replace(term, is_absent=piece.is_absent) for term in _plain(words, whole=not piece.is_beginning)]
    return terms[:MOST_WORDS]


def _plain(words: Sequence[str], *, whole: bool = False) -> list[Term]:
    """Return a term for each word; unless `whole`, the last one may be unfinished."""
    last = min(len(words), MOST_WORDS) - 1
    return [
        Term(word, not whole and place == last and _may_begin(word)) for place, word in enumerate(words[:MOST_WORDS])
    ]


def _may_begin(word: str) -> bool:
    """Return whether a word may be unfinished. Short numbers are whole: 4 does not match 4123."""
    return len(word) > 1 and not (word.isdigit() and len(word) < 4)


def _without_stop_words(words: list[_Known]) -> list[_Known]:
    """Leave stop words out. A trailing stop word counts as a prefix only if it is alone."""
    without_stop_words = [word for word in words if word.query and not word.is_stop_word]
    return without_stop_words or [word for word in words if word.query]


def cleaned(typed: str) -> str:
    """Return the text on one line, cut to LONGEST, without NUL."""
    return " ".join(typed.replace("\0", " ").split())[:LONGEST]


def matching(tickets: QuerySet[Ticket], messages: QuerySet[Message], search: ParsedSearch) -> QuerySet[Ticket]:
    """Filter the tickets by the search, unsorted. `messages`: the messages that may be searched.

    Checks each ticket, so it suits few tickets, or words so common that a page is soon filled. For others use `lookup`.
    """
    is_absence = bool(search.without) and not search.readings
    present = Q() if is_absence else any_reading(messages, search.readings)
    return tickets.filter(present, *absent(messages, search.without))


def numbered(tickets: QuerySet[Ticket], typed: str) -> QuerySet[Ticket]:
    """Tickets named by "ACCREDO-4", "accredo 4", "№4" or "4", also typed in the Russian layout.

    Former keys are found as well, but not by their number alone.
    """
    match = _number_in(typed)
    if match is None:
        return tickets.none()
    key, number = match[1], int(match[2])
    return with_key(tickets, canonical(f"{key}-{number}")) if key else tickets.filter(number=number)


def is_number(typed: str) -> bool:
    """Return whether `numbered` applies to the text."""
    return _number_in(typed) is not None


def _number_in(typed: str) -> re.Match[str] | None:
    text = cleaned(typed).upper()
    return _NUMBER.fullmatch(text) or _NUMBER.fullmatch(to_latin(text))


def any_of(queries: Iterable[str]) -> str:
    """The tsquery that any of these words meets."""
    return " | ".join(dict.fromkeys(f"({word})" for word in queries))


def as_written(word: str | Expression, place: int = 0) -> SearchQuery:
    """Return a SearchQuery for a tsquery literal, or for element `place` (from 1) of an array of literals.

    It is evaluated once per statement, which is planned as for a rare word.
    """
    return _AsWritten(word, place)


class _AsWritten(SearchQuery):
    def __init__(self, word: str | Expression, place: int) -> None:
        super().__init__(word)
        text = f"((%(expressions)s)::text[])[{place}]" if place else "%(expressions)s"
        self.template = f"(SELECT ({text})::tsquery)"


def any_reading(messages: QuerySet[Message], readings: Iterable[Iterable[str | SearchQuery]]) -> Q:
    """Tickets that contain all words of one of the readings, in the subject or in one of `messages`."""
    near = Q(pk__in=[])
    for reading in readings:
        every = Q()
        for word in reading:
            query = as_written(word) if isinstance(word, str) else word
            every &= Q(words=query) | Q(_said(messages, query))
        near |= every
    return near


def absent(messages: QuerySet[Message], without: str | Expression) -> list[Q]:
    """Conditions that neither the subject nor one of `messages` matches the tsquery; none for ""."""
    if without == "":
        return []
    query = as_written(without)
    return [~Q(words=query), ~Q(_said(messages, query))]


def _said(messages: QuerySet[Message], query: SearchQuery) -> Coalesce:
    """Whether a message contains the word. Not EXISTS, for which PostgreSQL would collect all matching messages."""
    hits = messages.filter(ticket=OuterRef("pk"), words=query).order_by().annotate(hit=Value(True))
    return Coalesce(Subquery(hits.values("hit")[:1]), Value(False), output_field=BooleanField())


def _as_phone(text: str) -> list[list[str]]:
    """Return the ways to write a phone number, as lists of words; empty for anything else."""
    number = _PHONE.fullmatch(text)
    if number is None:
        return []
    area, first, second, last = number.groups()
    whole = "".join(number.groups())
    grouped = [[area, first, second, last], [area, first, second + last], [area, first + second + last]]
    return [*grouped, *([lead + whole] for lead in ("8", "7", ""))]


def _forms(term: Term) -> str:
    first = f"'{term.text}':*" if term.is_beginning and has_basic_beginning(term.text) else f"'{term.text}'"
    return " | ".join([first, *(f"'{form}'" for form in other_forms(term.text))])


def _queries(terms: list[Term]) -> list[tuple[str, bool]]:
    """Return for each term its tsquery, and whether it is a stop word («нет», "the")."""
    sql = (
        "SELECT basic::text, to_tsquery('simple', beginning)::text, numnode(basic) = 0 FROM (SELECT place, beginning,"
        " CASE WHEN is_phrase THEN phraseto_tsquery(%s::regconfig, typed) ELSE to_tsquery(%s::regconfig, typed) END"
        " FROM unnest(%s::text[], %s::text[], %s::bool[]) WITH ORDINALITY"
        " AS term (typed, beginning, is_phrase, place)) AS known (place, beginning, basic) ORDER BY place"
    )
    typed = [term.text if term.is_phrase else _forms(term) for term in terms]
    beginnings = [f"'{term.text}':*" if term.is_beginning else "" for term in terms]
    with connection.cursor() as cursor:
        cursor.execute(sql, [CONFIG, CONFIG, typed, beginnings, [term.is_phrase for term in terms]])
        return [(_either(basic, beginning), is_stop_word) for basic, beginning, is_stop_word in cursor.fetchall()]


def _either(basic: str, beginning: str) -> str:
    """Combine both tsqueries by OR, leaving the prefix out if the other already covers it."""
    alternatives = basic.split(" | ")
    known = (stem.removesuffix("':*") for stem in alternatives if stem.endswith("':*") and stem.count("'") == 2)
    if not beginning or any(beginning.startswith(stem) for stem in known):
        return basic
    return f"{basic} | {beginning}" if basic else beginning
