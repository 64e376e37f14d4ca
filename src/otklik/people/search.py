"""Find people by pieces of name, addresses, login and phones, by an index (ADR 98).

Only narrows: whoever the pieces stand with, in whatever order. What is to count exactly is asked of those few besides.
"""

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
