"""Change one place of a tree of the filter language; everything else of it stays as it is."""

from collections.abc import Sequence
from dataclasses import replace

from otklik.tickets.jql.tree import And, Part, Query, Sorting


def required(query: Query) -> tuple[Part, ...]:
    """The parts of which all must hold; none for a query of every ticket."""
    if query.where is None:
        return ()
    return query.where.parts if isinstance(query.where, And) else (query.where,)


def with_parts(query: Query, begin: int, end: int, parts: Sequence[Part]) -> Query:
    """The query with these in the place of the required parts from `begin` to before `end`."""
    present = required(query)
    every = (*present[:begin], *parts, *present[end:])
    where = And(every) if len(every) > 1 else every[0] if every else None
    return replace(query, where=where)


def with_sortings(query: Query, sortings: Sequence[Sorting]) -> Query:
    """The query sorted by these."""
    return replace(query, sortings=tuple(sortings))
