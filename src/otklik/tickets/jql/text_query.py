"""What stands after ~: words that must all stand in one place, as a tsquery.

As Jira reads it: forms of a word count, "a phrase" in inner quotation marks, принт* by its beginning (of the word as it
stands and of its basic form), -word must not be
there, OR between words. Fuzziness, nearness and weights (~, ~10, ^4) are read and say nothing.
"""

import re
from dataclasses import dataclass

from django.db import connection

from otklik.core.search_text import has_basic_beginning, other_forms, tokens
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.refusals import JqlRefusal
from otklik.tickets.models.search_vectors import CONFIG

_PIECE = re.compile(r'([+\-!]?)(?:"([^"]*)"|([^\s"()]+))(?:[~^][\d.]*)?')
_PART_WILD = re.compile(r"[^\s*?][*?]+\w")
MOST_WORDS = 20


@dataclass(frozen=True, slots=True)
class Piece:
    """A word, prefix or phrase, as PostgreSQL tokenizes it; `absent`: it must not occur."""

    words: tuple[str, ...]
    beginning: bool = False
    phrase: bool = False
    absent: bool = False


def pieces_of(text: str, at: int) -> list[list[Piece]]:
    """Parse a text condition into alternatives, each a list of pieces that must all match. Raises BadJql."""
    alternatives: list[list[Piece]] = [[]]
    absent = False
    for sign, phrase, word in _PIECE.findall(text):
        if not (phrase or word) or (not phrase and word.upper() in ("AND", "&&")):
            continue
        if not phrase and word.upper() in ("OR", "||"):
            alternatives.append([])
        elif not phrase and word.upper() == "NOT":
            absent = True
        elif piece := _piece(phrase, word, at, absent=absent or sign in ("-", "!")):
            alternatives[-1].append(piece)
            absent = False
    alternatives = [pieces for pieces in alternatives if any(not piece.absent for piece in pieces)]
    if not alternatives:
        raise BadJql(JqlRefusal.TEXT_EMPTY, at=at, word=text[:40])
    if sum(map(len, alternatives)) > MOST_WORDS:
        raise BadJql(JqlRefusal.TOO_MANY_WORDS, at=at, most=MOST_WORDS)
    return alternatives


def _piece(phrase: str, word: str, at: int, *, absent: bool) -> Piece | None:
    typed = phrase or word
    if not phrase and typed[0] in "*?":
        raise BadJql(JqlRefusal.WILDCARD_FIRST, at=at, word=typed[:40])
    if not phrase and _PART_WILD.search(typed):
        raise BadJql(JqlRefusal.NOT_SUPPORTED, at=at, word=typed[:40])
    words = tuple(tokens(typed))
    return Piece(words, not phrase and typed.endswith("*"), bool(phrase), absent) if words else None


@dataclass(frozen=True, slots=True)
class Words:
    """A tsquery, and the required words of each alternative, as tsqueries."""

    query: str
    readings: tuple[tuple[str, ...], ...]


def as_words(alternatives: list[list[Piece]]) -> Words | None:
    """The tsqueries for the pieces; None if they consist of stop words only («и», "the"). One query."""
    flat = [piece for pieces in alternatives for piece in pieces]
    queries = iter(_written(flat))
    paired = [[(piece, next(queries)) for piece in pieces] for pieces in alternatives]
    telling = {query: pieces for pieces in paired if (query := _all_of(pieces))}
    readings = [tuple(word for piece, word in pieces if word and not piece.absent) for pieces in telling.values()]
    return Words(" | ".join(telling), tuple(readings)) if telling else None


def _all_of(pieces: list[tuple[Piece, str]]) -> str:
    if not any(query for piece, query in pieces if not piece.absent):
        return ""
    parts = [f"!({query})" if piece.absent else f"({query})" for piece, query in pieces if query]
    return f"({' & '.join(parts)})"


def _written(pieces: list[Piece]) -> list[str]:
    sql = (
        "SELECT (CASE WHEN phrase THEN phraseto_tsquery(%s::regconfig, typed)"
        " WHEN beginning THEN to_tsquery(%s::regconfig, basic) || to_tsquery('simple', typed)"
        " ELSE to_tsquery(%s::regconfig, typed) END)::text"
        " FROM unnest(%s::text[], %s::text[], %s::bool[], %s::bool[]) WITH ORDINALITY"
        " AS piece (typed, basic, phrase, beginning, place) ORDER BY place"
    )
    typed = [" ".join(piece.words) if piece.phrase else _typed(piece) for piece in pieces]
    basic = [
        text if has_basic_beginning(piece.words[-1]) else text.removesuffix(":*")
        for piece, text in zip(pieces, typed, strict=True)
    ]
    with connection.cursor() as cursor:
        phrases, beginnings = [piece.phrase for piece in pieces], [piece.beginning for piece in pieces]
        cursor.execute(sql, [CONFIG, CONFIG, CONFIG, typed, basic, phrases, beginnings])
        return [row[0] for row in cursor.fetchall()]


def _typed(piece: Piece) -> str:
    *first, last = piece.words
    ends = f"'{last}':*" if piece.beginning else _any_form(last)
    return " & ".join([*map(_any_form, first), ends])


def _any_form(word: str) -> str:
    return "(" + " | ".join(f"'{form}'" for form in (word, *other_forms(word))) + ")"
