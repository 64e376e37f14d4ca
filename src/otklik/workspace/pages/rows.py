"""A ticket as a row of a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from otklik.desks.models import Status
from otklik.desks.texts import translated
from otklik.mail.dkim_check import senders_are_checked
from otklik.people.models import known_as

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
# What a queue shows that names none.
ALL_USUAL = ("key", "subject", "requester", "status", "priority", "assignee", "created_at", "updated_at")
# The lists that are no queue show these.
USUAL = ("key", "subject", "requester", "status", "assignee", "updated_at")


@dataclass(frozen=True, slots=True)
class Column:
    """A column's head. `url`: the list sorted by it; or `sort`: what its form takes to sort by it from now on.
    `sorted`: "ascending", "descending" or "" (the words of aria-sort)."""

    name: str
    label: str
    url: str
    sorted: str
    sort: str = ""


@dataclass(frozen=True, slots=True)
class TicketRow:
    """What a list prints of one ticket. `fresh`: new, and nobody has taken it."""

    id: int
    version: int
    key: str
    url: str
    subject: str
    icon: str
    type_name: str
    requester: str
    status: str
    category: str
    priority: str
    priority_level: int
    priority_id: int
    assignee: str
    assignee_id: int
    created_at: datetime
    updated_at: datetime
    unverified: bool
    undelivered: bool
    held: bool
    fresh: bool
    labels: str
    due: date | None
    resolution: str
    closed_at: datetime | None
    # Answers to forms, by their columns' names.
    answers: tuple[tuple[str, str], ...]


def usual_columns() -> list[Column]:
    """The heads of a list that cannot be sorted."""
    return plain_columns(USUAL)


def plain_columns(names: Sequence[str]) -> list[Column]:
    """These columns without links, all usual ones where none of them is known."""
    known = [name for name in names if name in COLUMNS] or list(ALL_USUAL)
    return [Column(name=name, label=str(COLUMNS[name]), url="", sorted="") for name in known]


def row_of(ticket: Any, answers: tuple[tuple[str, str], ...] = ()) -> TicketRow:
    """From a tuple loaded by `queries.rows_of`."""
    return TicketRow(
        id=ticket.id,
        version=ticket.version,
        key=ticket.key,
        url=f"/browse/{ticket.key}",
        subject=ticket.subject,
        icon=ticket.request_type__icon or "help-circle",
        type_name=translated(ticket.request_type__name or "", ticket.request_type__texts),
        requester=_name(ticket.requester_id, ticket.requester__name, ticket.requester__email),
        status=translated(ticket.status__name, ticket.status__texts),
        category=ticket.status__category,
        priority=translated(ticket.priority__name, ticket.priority__texts),
        priority_level=ticket.priority__level,
        priority_id=ticket.priority_id,
        assignee=_name(ticket.assignee_id, ticket.assignee__name, ticket.assignee__email),
        assignee_id=ticket.assignee_id or 0,
        created_at=ticket.created_at,
        updated_at=ticket.updated_at,
        unverified=ticket.sender_unverified and senders_are_checked(),
        undelivered=ticket.undelivered_at is not None,
        held=ticket.has_held,
        fresh=ticket.status__category == Status.Category.NEW and ticket.assignee_id is None,
        labels=", ".join(ticket.labels),
        due=ticket.due,
        resolution=translated(ticket.resolution__name or "", ticket.resolution__texts),
        closed_at=ticket.closed_at,
        answers=answers,
    )


def _name(key: int | None, name: str | None, address: str | None) -> str:
    """As Person.staff_name says it; "" for nobody."""
    return "" if key is None else known_as(name, address) or "—"
