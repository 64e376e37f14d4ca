"""What a text of the filter language says, as frozen values.

`at` is the place in the text, counted from 0; two trees are equal wherever their parts stand.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Operator(StrEnum):
    """An operator as written in queries."""

    IS = "="
    IS_NOT = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    CONTAINS = "~"
    CONTAINS_NOT = "!~"
    IN = "in"
    NOT_IN = "not in"

    @property
    def negative(self) -> bool:
        """Whether this is the negated one of a pair."""
        return self in (Operator.IS_NOT, Operator.CONTAINS_NOT, Operator.NOT_IN)


@dataclass(frozen=True, slots=True)
class Literal:
    """A word, number, date or text as written, without quotation marks."""

    text: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Empty:
    """EMPTY, or null: no value at all."""

    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function call: `startOfDay("-1d")`."""

    name: str
    arguments: tuple[Literal, ...] = ()
    at: int = field(default=0, compare=False)


Value = Literal | Empty | Call


@dataclass(frozen=True, slots=True)
class Condition:
    """A field compared with values; several only for `in` and `not in`. `is EMPTY` is stored as `= EMPTY`."""

    field: Literal
    operator: Operator
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class When:
    """A predicate of WAS or CHANGED: AFTER, BEFORE, DURING (two values), ON, BY, FROM or TO, in lower case."""

    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """A WAS condition, or with `values` None a CHANGED condition."""

    field: Literal
    values: tuple[Value, ...] | None
    negative: bool = False
    several: bool = False
    whens: tuple[When, ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    """Negation. For a field without a value, neither a condition nor its negation is true."""

    part: "Part"


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more parts must hold."""

    parts: tuple["Part", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One of two or more parts must hold."""

    parts: tuple["Part", ...]


Part = Condition | Past | Not | And | Or


@dataclass(frozen=True, slots=True)
class Sorting:
    """One field of ORDER BY. `descending` None: the field's default direction."""

    field: Literal
    descending: bool | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query. `where` None: every ticket."""

    where: Part | None = None
    sortings: tuple[Sorting, ...] = ()


def conditions(part: Part | None) -> Iterator[Condition | Past]:
    """Yield all conditions of the tree, in the order of the text."""
    waiting = [part]
    while waiting:
        match waiting.pop():
            case And(parts) | Or(parts):
                waiting += reversed(parts)
            case Not(inner):
                waiting.append(inner)
            case Condition() | Past() as condition:
                yield condition
