"""Search people by parts of name, addresses, login and phones, by an index (ADR 98).

Only narrows: whoever the pieces stand with, in whatever order. What is to count exactly is asked of those few besides.
"""

import re
from collections.abc import Iterable

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import SearchQuery
from django.db.models import BooleanField, F, Func, Q
from django.db.models.expressions import Expression

from otklik.core.search_text import fold
from otklik.people.models import PersonSearch

# As people_pieces in the database cuts them.
LONGEST = 40
MOST_PIECES = 12
_SURNAME = r"[^\W\d_][^\W\d_]+(?:-[^\W\d_]+)?"
_INITIALS = re.compile(
    rf"(?P<before>[^\W\d_])\. ?(?:(?P<before_2>[^\W\d_])\. ?)?{_SURNAME}"
    rf"|{_SURNAME} (?P<behind>[^\W\d_])(?:\. ?| |$)(?:(?P<behind_2>[^\W\d_])\.?)?"
)
_SIGNS = str.maketrans(dict.fromkeys("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", " "))


def with_pieces(alternatives: Iterable[str]) -> Q:
    """Return a condition for people who match all pieces (word prefixes, digits of a number) of one of the texts.

    A text without letter or digit matches everybody.
    """
    return ids_with_pieces("pk", alternatives)


def ids_with_pieces(column: str, alternatives: Iterable[str]) -> Q:
    """Like `with_pieces`, for a table whose `column` holds ids of people."""
    return ids_by_pieces(column, pieces_query(alternatives))


def pieces_query(alternatives: Iterable[str]) -> str:
    """Return the texts' tsquery for `ids_by_pieces`; "" if one of them matches everybody."""
    queries = [_query(text) for text in alternatives]
    return "" if "" in queries else " | ".join(dict.fromkeys(queries))


def initials_in(text: str) -> str:
    """Return a PostgreSQL regular expression for full names if the text is a surname with initials («Иванов А.В.», «А.
    Иванов»); else "". The second initial applies only to names of three words."""
    match = _INITIALS.fullmatch(" ".join(text.split()))
    if match is None:
        return ""
    first, *second = (letter for letter in match.group("before", "before_2", "behind", "behind_2") if letter)
    further = rf"(?=.*\m{_letter(second[0])}|\S+\s+\S+$)" if second else ""
    return rf"^(?=.*\m{_letter(first)}){further}"


def _letter(letter: str) -> str:
    return "[её]" if letter in "еёЕЁ" else letter


def ids_by_pieces(column: str, query: str | Expression) -> Q:
    """Like `ids_with_pieces`, for a finished tsquery or a parameter that stands for one. "" matches everybody."""
    if query == "":
        return Q()
    ids = ArraySubquery(PersonSearch.objects.filter(pieces=_Written(query)).values("person"))
    # As an array the subquery runs once, by the index. A plain subquery is planned as a scan of all people, because the
    # planner estimates every prefix as common.
    return Q(Func(F(column), ids, template="(%(expressions)s))", arg_joiner=" = ANY(", output_field=BooleanField()))


class _Written(SearchQuery):
    """A tsquery literal. PostgreSQL's parser would split «О’Коннор», which the index holds as one piece."""

    template = "(%(expressions)s)::tsquery"


def _query(text: str) -> str:
    pieces = fold(text.replace("\0", "")).translate(_SIGNS).split()
    # A single letter matches nearly everybody, so it counts only if nothing longer was typed.
    telling = [piece for piece in pieces if len(piece) > 1] or pieces
    prefixes = [f"'{piece[:LONGEST]}':*" for piece in dict.fromkeys(telling[:MOST_PIECES])]
    return f"({' & '.join(prefixes)})" if prefixes else ""
