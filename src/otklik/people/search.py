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
    """People with whom all pieces of one of these texts stand: parts of words, digits of a number.

    A text without a letter or digit narrows nothing down.
    """
    return ids_with_pieces("pk", alternatives)


def ids_with_pieces(column: str, alternatives: Iterable[str]) -> Q:
    """The same for a table whose `column` holds ids of people."""
    return ids_by_pieces(column, pieces_query(alternatives))


def pieces_query(alternatives: Iterable[str]) -> str:
    """The tsquery of these texts, for `ids_by_pieces`; "" where one of them narrows nothing down."""
    queries = [_query(text) for text in alternatives]
    return "" if "" in queries else " | ".join(dict.fromkeys(queries))


def initials_in(text: str) -> str:
    """What a name is like, for PostgreSQL's regular expressions, where the text is a surname with one or two initials
    («Иванов А.В.», «А. Иванов»); else "". The second one counts only for names that have three words."""
    match = _INITIALS.fullmatch(" ".join(text.split()))
    if match is None:
        return ""
    first, *second = (letter for letter in match.group("before", "before_2", "behind", "behind_2") if letter)
    further = rf"(?=.*\m{_letter(second[0])}|\S+\s+\S+$)" if second else ""
    return rf"^(?=.*\m{_letter(first)}){further}"


def _letter(letter: str) -> str:
    return "[её]" if letter in "еёЕЁ" else letter


def ids_by_pieces(column: str, query: str | Expression) -> Q:
    """What `ids_with_pieces` says, for a query that is written already, or a parameter in its place."""
    if query == "":
        return Q()
    ids = ArraySubquery(PersonSearch.objects.filter(pieces=_Written(query)).values("person"))
    # An array is made once, by the index. A plain subquery the planner turns round, because it takes every beginning of
    # a word for a common one; then it reads everybody.
    return Q(Func(F(column), ids, template="(%(expressions)s))", arg_joiner=" = ANY(", output_field=BooleanField()))


class _Written(SearchQuery):
    """A tsquery as PostgreSQL writes it. Its parser would take «О’Коннор» apart, which stands in one piece there."""

    template = "(%(expressions)s)::tsquery"


def _query(text: str) -> str:
    pieces = fold(text.replace("\0", "")).translate(_SIGNS).split()
    # One letter stands nearly everywhere; it says something only where nothing else is typed.
    telling = [piece for piece in pieces if len(piece) > 1] or pieces
    prefixes = [f"'{piece[:LONGEST]}':*" for piece in dict.fromkeys(telling[:MOST_PIECES])]
    return f"({' & '.join(prefixes)})" if prefixes else ""
