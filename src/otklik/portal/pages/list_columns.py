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
    """A column's head. `sorted`: "ascending", "descending" or "" (the words of aria-sort); `url` sorts by it."""

    name: str
    label: str
    url: str
    sorted: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A line of «Вид списка». `fixed`: always there."""

    value: str
    label: str
    chosen: bool
    fixed: bool = False


def columns_of(look: Look, wanted: Wanted) -> list[Column]:
    """The heads of the chosen columns."""
    return [_column(name, look, wanted) for name in look.columns]


def offered_columns(look: Look) -> list[Offer]:
    """All columns, with which of them are chosen and which cannot be hidden."""
    return [Offer(name, str(LABELS[name]), name in look.columns, name in FIXED) for name in COLUMNS]


def offered_orders(look: Look) -> list[Offer]:
    """By what the list may be sorted."""
    return [Offer(SORT_OF.get(name, name), str(LABELS[name]), SORT_OF.get(name, name) == look.sort) for name in COLUMNS]


def directions(look: Look) -> list[Offer]:
    """Both sort directions, with which of them is chosen."""
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
