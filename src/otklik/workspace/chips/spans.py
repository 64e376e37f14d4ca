"""Which parts of a filter a chip can say."""

from dataclasses import dataclass

from otklik.tickets.jql.asker import Asker
from otklik.tickets.jql.edit import required
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.fields import Field
from otklik.tickets.jql.simple import Kind, Simple, field_of, kind_of, simple_of
from otklik.tickets.jql.table import field_named
from otklik.tickets.jql.tree import Literal, Part, Query


@dataclass(frozen=True, slots=True)
class Meant:
    """What one field is asked, as a form can ask it; `name` is how the text writes the field."""

    field: Field
    name: str
    kind: Kind
    asked: Simple


@dataclass(frozen=True, slots=True)
class Span:
    """The required parts from `begin` to before `end`, which one chip says; `meant` None: it stays a text."""

    begin: int
    end: int
    parts: tuple[Part, ...]
    meant: Meant | None


def spans_of(query: Query, asker: Asker) -> list[Span]:
    """The required parts of the query in their order; from one day to another is one span."""
    parts, spans = required(query), []
    begin = 0
    while begin < len(parts):
        two = _meant(parts[begin : begin + 2], asker) if begin + 1 < len(parts) else None
        end = begin + 2 if two else begin + 1
        these = parts[begin:end]
        spans.append(Span(begin, end, these, two or _meant(these, asker)))
        begin = end
    return spans


def _meant(parts: tuple[Part, ...], asker: Asker) -> Meant | None:
    names = [field_of(part) for part in parts]
    first = names[0]
    if first is None or len({name and name.text.casefold() for name in names}) > 1:
        return None
    field = known_field(first, asker)
    kind = kind_of(field) if field else None
    asked = simple_of(parts, kind) if kind else None
    return Meant(field, first.text, kind, asked) if field and kind and asked else None


def known_field(name: Literal, asker: Asker) -> Field | None:
    """The field of that name, where the reader may ask for it."""
    try:
        return field_named(name, asker)
    except BadJql:
        return None
