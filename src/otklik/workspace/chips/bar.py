"""The chips of a filter: one for each condition that must hold, groups of them, and the order."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.form_conditions import may_come
from otklik.tickets.jql.tree import And, Part, Query, Sorting
from otklik.tickets.jql.write import write
from otklik.workspace.chips.chip_texts import words_of
from otklik.workspace.chips.condition_phrases import phrase_of
from otklik.workspace.chips.field_labels import label_of
from otklik.workspace.chips.query_parts import Meant, Span, known_field, spans_of
from otklik.workspace.chips.value_choices import Values

# Longest text of a condition on its chip.
LONGEST = 120


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition or a group. `place`: its path in the query.

    `is_text`: no form can edit it; `is_code`: it is shown as query text because there are no words for it; `inside`:
    the conditions of a group, joined by OR if `is_any`.
    """

    place: str
    words: str
    is_text: bool = False
    inside: list["Chip"] = field(default_factory=list)
    is_any: bool = False
    is_code: bool = False

    @property
    def has_text(self) -> bool:
        """Whether no form can edit it or something inside it."""
        return self.is_text or any(chip.has_text for chip in self.inside)


@dataclass(frozen=True, slots=True)
class Bar:
    """All chips of a filter. `order`: the sorting in words, "" for the default."""

    chips: list[Chip]
    order: str

    @property
    def says_all(self) -> bool:
        """Whether the chips show everything, so that the text need not be read."""
        return not any(chip.has_text for chip in self.chips)


def bar_of(query: Query, asker: Asker) -> Bar:
    """Return the filter as chips in the reader's language."""
    return Bar([chip_of(span, asker) for span in spans_of(query, asker)], order_of(query, asker))


def order_of(query: Query, asker: Asker) -> str:
    """Return ORDER BY in words."""
    return ", ".join(_sorted(sorting, asker) for sorting in query.sortings)


def chip_of(span: Span, asker: Asker) -> Chip:
    """Return the chip for this part of a filter."""
    if span.meant is not None:
        return Chip(span.place, _said(span.meant, asker))
    if span.inside:
        inside = [chip_of(inner, asker) for inner in span.inside]
        return Chip(span.place, _joined(inside, is_any=span.is_any), inside=inside, is_any=span.is_any)
    words = phrase_of(span.parts[0], asker)
    return Chip(span.place, words or _as_text(span.parts), is_text=True, is_code=not words)


def _said(meant: Meant, asker: Asker) -> str:
    label = label_of(meant.field, meant.name)
    read = Values(meant.field, asker).label
    return words_of(label, meant.asked, meant.kind, read, may_come=may_come(meant.field))


def _joined(chips: Sequence[Chip], *, is_any: bool) -> str:
    words = [f"({chip.words})" if chip.inside else chip.words for chip in chips]
    return (_(" or ") if is_any else _(" and ")).join(words)


def _as_text(parts: Sequence[Part]) -> str:
    text = write(Query(And(tuple(parts)) if len(parts) > 1 else parts[0]))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _sorted(sorting: Sorting, asker: Asker) -> str:
    known = known_field(sorting.field, asker)
    if known is None:
        return sorting.field.text
    descending = known.descending if sorting.descending is None else sorting.descending
    words = _("%(field)s, descending") if descending else _("%(field)s, ascending")
    return words % {"field": label_of(known, sorting.field.text)}
