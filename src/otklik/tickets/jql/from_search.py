"""What is typed into the search box as a text of the filter language that finds the same."""

from collections.abc import Sequence

from otklik.core.search_text import other_forms
from otklik.tickets.jql.tree import And, Condition, Literal, Operator, Or, Part
from otklik.tickets.search.query import Term

_SIGNS = {"and", "or", "not"}


def as_conditions(terms: Sequence[Term], people: Sequence[str] = ()) -> Part | None:
    """Convert a search to a condition: all present terms on the ticket, or one of these requesters; and no absent term.

    `people`: requesters, as written in queries. None if there is nothing to search for.
    """
    present = [_condition(term) for term in terms if not term.is_absent]
    absent = [_condition(term) for term in terms if term.is_absent]
    requesters = [Condition(Literal("reporter"), Operator.IN, tuple(map(Literal, people)))] if people else []
    alternatives = [*([joined(present)] if present else []), *requesters]
    looked_for = Or(tuple(alternatives)) if len(alternatives) > 1 else next(iter(alternatives), None)
    parts = [*([looked_for] if looked_for else []), *absent]
    return joined(parts) if parts else None


def joined(parts: Sequence[Part]) -> Part:
    """The conjunction of the parts, of which there must be at least one."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,))]
    return And(tuple(flat)) if len(flat) > 1 else flat[0]


def _condition(term: Term) -> Condition:
    operator = Operator.CONTAINS_NOT if term.is_absent else Operator.CONTAINS
    return Condition(Literal("text"), operator, (Literal(_words(term)),))


def _words(term: Term) -> str:
    whole = f'"{term.text}"' if term.is_phrase or term.text in _SIGNS else term.text
    if not term.is_beginning:
        return whole
    # A prefix search has no other word forms: «ошибок*» does not find «ошибка».
    return f"{whole} OR {term.text}*" if other_forms(term.text) else f"{term.text}*"
