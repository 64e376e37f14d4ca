"""Columns and sort orders of the customer's ticket list («Запросы»)."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.portal.listing import COLUMNS, DOWNWARD, FIXED, SORT_OF, Look, Wanted, words_of

LABELS = {
    "type": gettext_lazy("Type"),
    "reference": gettext_lazy("Reference"),
    "subject": gettext_lazy("Subject"),
    "desk": gettext_lazy("Support service"),
    "status": gettext_lazy("Status"),
    "requester": gettext_lazy("Requester"),
    "priority": gettext_lazy("Priority"),
    "created": gettext_lazy("Created"),
    "updated": gettext_lazy("Updated"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column heading. `sorted`: the value of aria-sort, "ascending" or "descending", or ""; `url` sorts by it."""

    name: str
    label: str
    url: str
    sorted: str


@dataclass(frozen=True, slots=True)
class Offer:
    """An option in «Вид списка». `fixed`: cannot be deselected."""

    value: str
    label: str
    chosen: bool
    fixed: bool = False


def columns_of(look: Look, wanted: Wanted) -> list[Column]:
    """Return the headings of the chosen columns."""
    return [_column(name, look, wanted) for name in look.columns]


def offered_columns(look: Look) -> list[Offer]:
    """Return all columns, marking those chosen and those that cannot be hidden."""
    return [Offer(name, str(LABELS[name]), name in look.columns, name in FIXED) for name in COLUMNS]


def offered_orders(look: Look) -> list[Offer]:
    """Return the sort keys with the chosen one marked."""
    return [Offer(SORT_OF.get(name, name), str(LABELS[name]), SORT_OF.get(name, name) == look.sort) for name in COLUMNS]


def directions(look: Look) -> list[Offer]:
    """Return both sort directions with the chosen one marked."""
    return [
        Offer("DESC", _("descending, the newest first"), look.descending),
        Offer("ASC", _("ascending, the oldest first"), not look.descending),
    ]


def _column(name: str, look: Look, wanted: Wanted) -> Column:
    sort = SORT_OF.get(name, name)
    mine = wanted.sort == sort
    downward = not wanted.descending if mine else sort in DOWNWARD
    query = words_of(replace(wanted, sort=sort, descending=downward), look)
    state = ("descending" if wanted.descending else "ascending") if mine else ""
    return Column(name, str(LABELS[name]), f"?{urlencode(query)}", state)
