"""The chips of a filter: one for each condition that must hold, and the order."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from otklik.tickets.jql.asker import Asker
from otklik.tickets.jql.simple import may_come
from otklik.tickets.jql.tree import And, Query, Sorting
from otklik.tickets.jql.write import write
from otklik.workspace.chips.labels import label_of
from otklik.workspace.chips.spans import Span, known_field, spans_of
from otklik.workspace.chips.values import Values
from otklik.workspace.chips.words import words_of

# How long a condition that stays a text may be on its chip.
LONGEST = 120


@dataclass(frozen=True, slots=True)
class Chip:
    """`place`: where the condition stands among those that must hold; `is_text`: no form can say it."""

    place: int
    words: str
    is_text: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """`order`: in words, "" for the customary one."""

    chips: list[Chip]
    order: str

    @property
    def says_all(self) -> bool:
        """Whether whoever reads the chips need not read the text."""
        return not any(chip.is_text for chip in self.chips)


def bar_of(query: Query, asker: Asker) -> Bar:
    """The filter as chips, in the reader's language."""
    return Bar([_chip(span, asker) for span in spans_of(query, asker)], order_of(query, asker))


def order_of(query: Query, asker: Asker) -> str:
    """ORDER BY in words."""
    return ", ".join(_sorted(sorting, asker) for sorting in query.sortings)


def _chip(span: Span, asker: Asker) -> Chip:
    meant = span.meant
    if meant is None:
        text = write(Query(And(span.parts) if len(span.parts) > 1 else span.parts[0]))
        return Chip(span.begin, text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…", is_text=True)
    label = label_of(meant.field, meant.name)
    read = Values(meant.field, asker).label
    words = words_of(label, meant.asked, meant.kind, read, may_come=may_come(meant.field))
    return Chip(span.begin, words, is_text=False)


def _sorted(sorting: Sorting, asker: Asker) -> str:
    field = known_field(sorting.field, asker)
    if field is None:
        return sorting.field.text
    descending = field.descending if sorting.descending is None else sorting.descending
    words = _("%(field)s, descending") if descending else _("%(field)s, ascending")
    return words % {"field": label_of(field, sorting.field.text)}
