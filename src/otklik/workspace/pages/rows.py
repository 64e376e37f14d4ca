"""A ticket as a row of a list."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from otklik.desks.models import Status
from otklik.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class TicketRow:
    """What a list prints of one ticket. `fresh`: new, and nobody has taken it."""

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
    assignee: str
    created_at: datetime
    updated_at: datetime
    unverified: bool
    held: bool
    fresh: bool


def row_of(ticket: Ticket) -> TicketRow:
    """From a ticket loaded by `queries.rows_of`."""
    kind = ticket.request_type
    return TicketRow(
        key=ticket.key,
        url=reverse("workspace:ticket", args=[ticket.key]),
        subject=ticket.subject,
        icon=kind.icon if kind else "help-circle",
        type_name=kind.name if kind else "",
        requester=ticket.requester.display_name if ticket.requester else "",
        status=ticket.status.name,
        category=ticket.status.category,
        priority=ticket.priority.name,
        priority_level=ticket.priority.level,
        assignee=ticket.assignee.display_name if ticket.assignee else "",
        created_at=ticket.created_at,
        updated_at=ticket.updated_at,
        unverified=ticket.sender_unverified,
        held=bool(getattr(ticket, "has_held", False)),
        fresh=ticket.status.category == Status.Category.NEW and ticket.assignee_id is None,
    )
