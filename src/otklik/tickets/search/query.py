"""Find tickets by number and by what was written in them (ADR 27).

Who may see a ticket and which messages count is the caller's: `tickets` and `said` come from tickets.access. A word
counts where it stands: in the subject, or with one of the messages `said`: its text, the names of its files, for the
opening one the answers to the form. All words of one reading must be found.
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
from otklik.tickets.models.vectors import CONFIG
from otklik.tickets.search.typed import TypedPiece, typed_pieces

LONGEST = 200
MOST_WORDS = 8

_PHONE = re.compile(r"(?:\+?7|8)?[\s(.-]*(\d{3})[\s).-]*(\d{3})[\s.-]*(\d{2})[\s.-]*(\d{2})")
_NUMBER = re.compile(rf"(?:({DESK_KEY}?)[\s-]*)??[\s#№-]*(\d{{1,9}})")


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody looks for. `readings`: for each thing they may have meant, one tsquery for each word or phrase;
    none where nothing is asked for but what must be absent; `without`: the tsquery of that, "" for nothing. `terms`:
    what each reading was made from, and what is to be absent besides."""

    text: str
    readings: tuple[tuple[str, ...], ...]
    without: str = ""
    terms: tuple[tuple["Term", ...], ...] = ()

    @property
    def any_word(self) -> str:
        """The tsquery that any of the words meets."""
        return any_of(word for reading in self.readings for word in reading)

    @property
    def in_one_text(self) -> str:
        """The tsquery that a text meets in which all words of one of the readings stand."""
        return any_of(" & ".join(f"({word})" for word in reading) for reading in self.readings)


NOTHING = Sought("", ())


@dataclass(frozen=True, slots=True)
class Term:
    """A word as it is asked for, or the words of a phrase, folded. `is_beginning`: words that begin so count, too."""

    text: str
    is_beginning: bool = False
    is_phrase: bool = False
    is_absent: bool = False


class _Known(NamedTuple):
    """A term, its tsquery, and whether no text is searched by the word itself («нет», "the")."""

    term: Term
    query: str
    is_small: bool


def sought(typed: str, *, with_signs: bool = False) -> Sought | None:
    """What was typed, understood: forms of words, е for ё, the other keyboard layout, the ways of writing a phone
    number, the last word by its beginning. `with_signs`: phrases and absent words, too (`typed`).

    None when nothing is in it. One query, a second where only small words are to be absent: the database knows the
    basic forms, and words that say nothing («не», "the").
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
        present = _telling([word for word in parsed if not word.term.is_absent])
        absent = [word for word in parsed if word.term.is_absent and word.query]
        without += [word.query for word in absent]
        if present:
            terms = tuple(word.term for word in (*present, *absent))
            told.setdefault(tuple(word.query for word in present), terms)
        else:
            alone = alone or tuple(word.term for word in absent)
    if with_signs and not told and not any(word.query for word in every[0]):
        # «-нет»: what no text is searched by cannot be absent.
        return sought(typed)
    return Sought(text, tuple(told), any_of(without), tuple(told.values()) or ((alone,) if alone else ()))


def _reading(pieces: Iterable[TypedPiece], layout: Callable[[str], str]) -> list[Term]:
    """At most MOST_WORDS terms: for each word, or for each phrase as a whole."""
    terms: list[Term] = []
    for piece in pieces:
        words = tokens(layout(piece.text))[:MOST_WORDS]
        # Of an address or a file's name all is to be absent, not each of its words.
        if words and (piece.is_phrase or (piece.is_absent and len(words) > 1)):
            terms.append(Term(" ".join(words), is_phrase=True, is_absent=piece.is_absent))
        else:
            terms += [replace(term, is_absent=piece.is_absent) for term in _plain(words, whole=not piece.is_beginning)]
    return terms[:MOST_WORDS]


def _plain(words: Sequence[str], *, whole: bool = False) -> list[Term]:
    """A term for each word; unless `whole`, the last one may be unfinished."""
    last = min(len(words), MOST_WORDS) - 1
    return [
        Term(word, not whole and place == last and _may_begin(word)) for place, word in enumerate(words[:MOST_WORDS])
    ]


def _may_begin(word: str) -> bool:
    """Short numbers are numbers: 4 is not the beginning of 4123."""
    return len(word) > 1 and not (word.isdigit() and len(word) < 4)


def _telling(words: list[_Known]) -> list[_Known]:
    """The words that say something; a small last word may begin a longer one only where it stands alone."""
    telling = [word for word in words if word.query and not word.is_small]
    return telling or [word for word in words if word.query]


def cleaned(typed: str) -> str:
    """One line, of bearable length, without what PostgreSQL cannot store."""
    return " ".join(typed.replace("\0", " ").split())[:LONGEST]


def matching(tickets: QuerySet[Ticket], messages: QuerySet[Message], sought: Sought) -> QuerySet[Ticket]:
    """Those of the tickets in which all words stand, and none that must be absent; unsorted. `messages`: messages that
    may be looked into.

    Looks into every one of the tickets until enough are taken from it: for few of them, or for words that many have.
    `lookup` is for the others, and finds the same.
    """
    is_absence = bool(sought.without) and not sought.readings
    present = Q() if is_absence else any_reading(messages, sought.readings)
    return tickets.filter(present, *absent(messages, sought.without))


def numbered(tickets: QuerySet[Ticket], typed: str) -> QuerySet[Ticket]:
    """Those that "ACCREDO-4", "accredo 4", "№4" or "4" names, also with the key typed in the Russian layout.

    A ticket is found by keys that it had before, too, but not by their numbers alone.
    """
    match = _number_in(typed)
    if match is None:
        return tickets.none()
    key, number = match[1], int(match[2])
    return with_key(tickets, canonical(f"{key}-{number}")) if key else tickets.filter(number=number)


def is_number(typed: str) -> bool:
    """Whether `numbered` would look for anything."""
    return _number_in(typed) is not None


def _number_in(typed: str) -> re.Match[str] | None:
    text = cleaned(typed).upper()
    return _NUMBER.fullmatch(text) or _NUMBER.fullmatch(to_latin(text))


def any_of(queries: Iterable[str]) -> str:
    """The tsquery that any of these words meets."""
    return " | ".join(dict.fromkeys(f"({word})" for word in queries))


def as_written(word: str | Expression, place: int = 0) -> SearchQuery:
    """A tsquery as PostgreSQL writes it, or the one at this place of an array of such texts (from 1); read once for the
    whole statement, which is planned for a rare word whatever it is."""
    return _AsWritten(word, place)


class _AsWritten(SearchQuery):
    def __init__(self, word: str | Expression, place: int) -> None:
        super().__init__(word)
        text = f"((%(expressions)s)::text[])[{place}]" if place else "%(expressions)s"
        self.template = f"(SELECT ({text})::tsquery)"


def any_reading(messages: QuerySet[Message], readings: Iterable[Iterable[str | SearchQuery]]) -> Q:
    """Tickets in which all words of one of the readings stand: in the subject or in a message `messages`."""
    near = Q(pk__in=[])
    for reading in readings:
        every = Q()
        for word in reading:
            query = as_written(word) if isinstance(word, str) else word
            every &= Q(words=query) | Q(_said(messages, query))
        near |= every
    return near


def absent(messages: QuerySet[Message], without: str | Expression) -> list[Q]:
    """Conditions that this tsquery is met by neither the subject nor a message `messages`; none for ""."""
    if without == "":
        return []
    query = as_written(without)
    return [~Q(words=query), ~Q(_said(messages, query))]


def _said(messages: QuerySet[Message], query: SearchQuery) -> Coalesce:
    """Whether the word stands in a message. Not EXISTS: PostgreSQL would gather all such messages of the house."""
    hits = messages.filter(ticket=OuterRef("pk"), words=query).order_by().annotate(hit=Value(True))
    return Coalesce(Subquery(hits.values("hit")[:1]), Value(False), output_field=BooleanField())


def _as_phone(text: str) -> list[list[str]]:
    """What a phone number may be written as; nothing for other words. It is typed in one way and stands in another."""
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
    """For each term its tsquery, and whether no text is searched by the word itself («нет», "the")."""
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
        return [(_either(basic, beginning), is_small) for basic, beginning, is_small in cursor.fetchall()]


def _either(basic: str, beginning: str) -> str:
    """The tsquery that either meets; words that begin so are not looked for again as what begins with a part of it."""
    alternatives = basic.split(" | ")
    known = (stem.removesuffix("':*") for stem in alternatives if stem.endswith("':*") and stem.count("'") == 2)
    if not beginning or any(beginning.startswith(stem) for stem in known):
        return basic
    return f"{basic} | {beginning}" if basic else beginning
