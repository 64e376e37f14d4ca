"""The columns of a list of tickets."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

COLUMNS = {
    "key": _("Number"),
    "subject": _("Subject"),
    "requester": _("Requester"),
    "status": _("Status"),
    "priority": _("Priority"),
    "assignee": _("Assignee"),
    "created_at": _("Created"),
    "updated_at": _("Updated"),
    "type": _("Request type"),
    "labels": _("Labels"),
    "due": _("Due"),
    "resolution": _("Resolution"),
    "closed_at": _("Closed"),
}
# Columns of a queue that names none.
ALL_USUAL = ("key", "subject", "requester", "status", "priority", "assignee", "created_at", "updated_at")
# Columns of lists other than queues.
USUAL = ("key", "subject", "requester", "status", "assignee", "updated_at")


@dataclass(frozen=True, slots=True)
class Column:
    """A column heading. `url`: the list sorted by it; or `sort`: the value of the parameter that sorts by it.

    `sorted`: the value of aria-sort, "ascending" or "descending", or "".
    """

    name: str
    label: str
    url: str
    sorted: str
    sort: str = ""


def usual_columns() -> list[Column]:
    """Return the headings of a list that cannot be sorted."""
    return plain_columns(USUAL)


def plain_columns(names: Sequence[str]) -> list[Column]:
    """Return these headings without links; all default ones if none is known."""
    known = [name for name in names if name in COLUMNS] or list(ALL_USUAL)
    return [Column(name=name, label=str(COLUMNS[name]), url="", sorted="") for name in known]
