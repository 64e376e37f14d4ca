"""Which parts of a filter a chip can say."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from otklik.tickets.jql.edit import Joiner, Path, required
from otklik.tickets.jql.errors import BadJql
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.fields import Field
from otklik.tickets.jql.form_conditions import Kind, Simple, field_of, kind_of, simple_of
from otklik.tickets.jql.table import field_named
from otklik.tickets.jql.tree import And, Literal, Or, Part, Query


@dataclass(frozen=True, slots=True)
class Meant:
    """A condition that a form can edit; `name`: the field as written in the text."""

    field: Field
    name: str
    kind: Kind
    asked: Simple


@dataclass(frozen=True, slots=True)
class Span:
    """The parts that one chip shows: from index path[-1] up to `end` of a list joined by `within`.

    `meant`: the condition if a form can edit it; `inside`: the chips of a group, which is the only part then. With
    neither, it is shown as text.
    """

    path: Path
    end: int
    parts: tuple[Part, ...]
    within: Joiner
    meant: Meant | None = None
    inside: tuple["Span", ...] = ()

    @property
    def place(self) -> str:
        """The path as it is written in a URL."""
        return "-".join(map(str, self.path))

    @property
    def is_any(self) -> bool:
        """Whether the conditions of the group are joined by OR."""
        return isinstance(self.parts[0], Or)

    @property
    def grows_by(self) -> Joiner:
        """How a further condition is joined: as in the group itself; for a single one, the opposite of `within`."""
        return type(self.parts[0]) if self.inside and isinstance(self.parts[0], And | Or) else _OTHER[self.within]


_OTHER: dict[Joiner, Joiner] = {And: Or, Or: And}


def spans_of(query: Query, asker: Asker) -> list[Span]:
    """Return the parts joined by AND at the top of the query, in order; a range of dates is one span."""
    return _spans(required(query), (), And, asker)


def all_spans(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield the spans and all those inside them, parents first."""
    for span in spans:
        yield span
        yield from all_spans(span.inside)


def _spans(parts: Sequence[Part], path: Path, within: Joiner, asker: Asker) -> list[Span]:
    spans: list[Span] = []
    begin = 0
    while begin < len(parts):
        two = _meant(parts[begin : begin + 2], asker) if within is And and begin + 1 < len(parts) else None
        end = begin + 2 if two else begin + 1
        group = tuple(parts[begin:end])
        here = (*path, begin)
        spans.append(Span(here, end, group, within, two) if two else _one(group[0], here, within, asker))
        begin = end
    return spans


def _one(part: Part, path: Path, within: Joiner, asker: Asker) -> Span:
    meant = _meant((part,), asker)
    if meant is None and isinstance(part, And) and len(part.parts) == 2:
        meant = _meant(part.parts, asker)
    inside = _spans(part.parts, path, type(part), asker) if meant is None and isinstance(part, And | Or) else []
    # A group in which no form can edit anything is shown as one text.
    says_some = any(span.meant for span in all_spans(inside))
    return Span(path, path[-1] + 1, (part,), within, meant, tuple(inside) if says_some else ())


def _meant(parts: Sequence[Part], asker: Asker) -> Meant | None:
    names = [field_of(part) for part in parts]
    first = names[0]
    if first is None or len({name and name.text.casefold() for name in names}) > 1:
        return None
    field = known_field(first, asker)
    kind = kind_of(field) if field else None
    asked = simple_of(parts, kind) if kind else None
    return Meant(field, first.text, kind, asked) if field and kind and asked else None


def known_field(name: Literal, asker: Asker) -> Field | None:
    """Return the field of that name, or None if the reader may not use it or it does not exist."""
    try:
        return field_named(name, asker)
    except BadJql:
        return None
