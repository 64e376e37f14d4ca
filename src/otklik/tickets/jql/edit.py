"""Change one place of a tree of the filter language; everything else of it stays as it is."""

from collections.abc import Sequence
from dataclasses import replace

from otklik.tickets.jql.tree import And, Or, Part, Query, Sorting

# Indexes that lead to a part: among the top-level parts, then within that one, and so on.
Path = tuple[int, ...]
Joiner = type[And] | type[Or]


def required(query: Query) -> tuple[Part, ...]:
    """Return the top-level parts that must all hold; empty for a query that matches every ticket."""
    if query.where is None:
        return ()
    return query.where.parts if isinstance(query.where, And) else (query.where,)


def with_parts(query: Query, path: Path, end: int, parts: Sequence[Part]) -> Query:
    """Return the query with `parts` in place of those from `path` up to before `end` in the same list.

    Several parts are joined by AND, also within an OR. A list left with one part becomes that part. Raises IndexError
    or TypeError for a path that does not lead through AND and OR only.
    """
    return replace(query, where=joined(And, _changed(And, required(query), path, end, parts)))


def beside(joiner: Joiner, present: Sequence[Part], parts: Sequence[Part]) -> Part:
    """Join two groups of parts by `joiner`; within each group all must hold."""
    both = [part for part in (joined(And, present), joined(And, parts)) if part is not None]
    return both[0] if len(both) == 1 else joiner(tuple(both))


def joined(joiner: Joiner, parts: Sequence[Part]) -> Part | None:
    """Return the parts joined into one, the only part, or None."""
    return joiner(tuple(parts)) if len(parts) > 1 else next(iter(parts), None)


def _changed(joiner: Joiner, present: Sequence[Part], path: Path, end: int, parts: Sequence[Part]) -> tuple[Part, ...]:
    begin, deeper = path[0], path[1:]
    if deeper:
        inner = present[begin]
        if not isinstance(inner, And | Or):
            raise TypeError(path)
        left = joined(type(inner), _changed(type(inner), inner.parts, deeper, end, parts))
        end, parts = begin + 1, _lifted(joiner, inner, left)
    elif joiner is Or and len(parts) > 1:
        parts = (And(tuple(parts)),)
    return (*present[:begin], *parts, *present[end:])


def _lifted(joiner: Joiner, before: And | Or, left: Part | None) -> tuple[Part, ...]:
    """Merge what remains of a list into the surrounding one, if both now have the same joiner."""
    if isinstance(left, joiner) and not isinstance(before, joiner):
        return left.parts
    return () if left is None else (left,)


def with_sortings(query: Query, sortings: Sequence[Sorting]) -> Query:
    """Return the query with this ORDER BY."""
    return replace(query, sortings=tuple(sortings))
