"""The page on which a person chooses how a list looks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from otklik.workspace.list_look import COMFORTABLE, COMPACT, Look
from otklik.workspace.pages.list_columns import answer_columns
from otklik.workspace.pages.queue import order_words
from otklik.workspace.pages.rows import COLUMNS


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """A column with a checkbox; `first`, `last`: its position among those shown; `moved`: it was just moved."""

    name: str
    label: str
    shown: bool
    first: bool
    last: bool
    moved: bool


@dataclass(frozen=True, slots=True)
class Option:
    """An option; `value` "" for the list's own setting."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class LookPage:
    """What the page prints. `sortings`: empty if the filter's text decides."""

    name: str
    url: str
    back: str
    columns: list[ColumnChoice]
    sortings: list[Option]
    densities: list[Option]


def known_columns(desks: Iterable[int], shown: Sequence[str]) -> dict[str, str]:
    """Return labels of all columns by name, those in `shown` first, in their order."""
    labels = {**{name: str(label) for name, label in COLUMNS.items()}, **answer_columns(desks)}
    first = {name: labels[name] for name in shown if name in labels}
    return {**first, **labels}


def look_page(
    *,
    name: str,
    url: str,
    back: str,
    known: Mapping[str, str],
    shown: Sequence[str],
    look: Look,
    sortings: Sequence[str] = (),
    moved: str = "",
) -> LookPage:
    """Return the page. `shown`: the columns that the list shows now; `sortings`: those it can be sorted by."""
    shown = [name for name in known if name in shown]
    columns = [
        ColumnChoice(
            column,
            label,
            column in shown,
            first=bool(shown) and column == shown[0],
            last=bool(shown) and column == shown[-1],
            moved=column == moved,
        )
        for column, label in known.items()
    ]
    densities = [(COMFORTABLE, _("Comfortable")), (COMPACT, _("Compact"))]
    return LookPage(
        name=name,
        url=url,
        back=back,
        columns=columns,
        sortings=[Option("", _("As the queue says"), not look.sorting), *_sortings(sortings, look)] if sortings else [],
        densities=[Option(value, label, value == (look.density or COMFORTABLE)) for value, label in densities],
    )


def _sortings(names: Sequence[str], look: Look) -> list[Option]:
    """Options for these sortings."""
    return [Option(name, order_words(name), name == look.sorting) for name in names]
