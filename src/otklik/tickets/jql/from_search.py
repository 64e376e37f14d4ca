"""What is typed into the search box as a text of the filter language that finds the same."""

from collections.abc import Sequence

from otklik.core.search_text import other_forms
from otklik.tickets.jql.tree import And, Condition, Literal, Operator, Or, Part
from otklik.tickets.search.query import Term

_SIGNS = {"and", "or", "not"}


def as_conditions(terms: Sequence[Term], people: Sequence[str] = ()) -> Part | None:
    """Each word somewhere on the ticket, or the requester one of these people; and nothing of what is to be absent.

    `people`: as the language names them. None where nothing is looked for.
    """
    words = [_condition(term) for term in terms if not term.is_absent]
    absent = [_condition(term) for term in terms if term.is_absent]
    requesters = [Condition(Literal("reporter"), Operator.IN, tuple(map(Literal, people)))] if people else []
    alternatives = [*([joined(words)] if words else []), *requesters]
    looked_for = Or(tuple(alternatives)) if len(alternatives) > 1 else next(iter(alternatives), None)
    return joined([looked_for, *absent]) if looked_for else None


def joined(parts: Sequence[Part]) -> Part:
    """All of these parts, one at least."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,))]
    return And(tuple(flat)) if len(flat) > 1 else flat[0]


def _condition(term: Term) -> Condition:
    operator = Operator.CONTAINS_NOT if term.is_absent else Operator.CONTAINS
    return Condition(Literal("text"), operator, (Literal(_words(term)),))


def _words(term: Term) -> str:
    whole = f'"{term.text}"' if term.is_phrase or term.text in _SIGNS else term.text
    if not term.is_beginning:
        return whole
    # A word by its beginning has no other forms («ошибок*» is no «ошибка»).
    return f"{whole} OR {term.text}*" if other_forms(term.text) else f"{term.text}*"
