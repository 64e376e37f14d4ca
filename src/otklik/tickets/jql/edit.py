"""Change one place of a tree of the filter language; everything else of it stays as it is."""

from collections.abc import Sequence
from dataclasses import replace

from otklik.tickets.jql.tree import And, Or, Part, Query, Sorting

# The way to a part: its place among those that must hold, then within that one, and so on.
Path = tuple[int, ...]
Joiner = type[And] | type[Or]


def required(query: Query) -> tuple[Part, ...]:
    """The parts of which all must hold; none for a query of every ticket."""
    if query.where is None:
        return ()
    return query.where.parts if isinstance(query.where, And) else (query.where,)


def with_parts(query: Query, path: Path, end: int, parts: Sequence[Part]) -> Query:
    """The query with these in the place of what stands from `path` to before `end` in the same list.

    All of them must hold, also within an OR. A list that keeps one part becomes that part. The path leads through AND
    and OR only; IndexError or TypeError for any other.
    """
    return replace(query, where=joined(And, _changed(And, required(query), path, end, parts)))


def beside(joiner: Joiner, present: Sequence[Part], parts: Sequence[Part]) -> Part:
    """A list of two: what is there, and these; of each all must hold."""
    both = [part for part in (joined(And, present), joined(And, parts)) if part is not None]
    return both[0] if len(both) == 1 else joiner(tuple(both))


def joined(joiner: Joiner, parts: Sequence[Part]) -> Part | None:
    """The parts as one; None without any."""
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
    """What is left of a list goes into the one around it, where it is of the same kind now."""
    if isinstance(left, joiner) and not isinstance(before, joiner):
        return left.parts
    return () if left is None else (left,)


def with_sortings(query: Query, sortings: Sequence[Sorting]) -> Query:
    """The query sorted by these."""
    return replace(query, sortings=tuple(sortings))
