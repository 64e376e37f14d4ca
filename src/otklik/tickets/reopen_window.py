"""How long a reply reopens a closed ticket; a later one opens a new, linked ticket, by mail and portal alike."""

from datetime import datetime, timedelta

from otklik.tickets.models import Ticket


def reopens_until(ticket: Ticket) -> datetime | None:
    """The last moment at which a customer's words open the request again; None while it is not closed.

    The ticket comes with its desk loaded.
    """
    return ticket.closed_at + timedelta(days=ticket.desk.reopen_days) if ticket.closed_at is not None else None


def closed_for_long(ticket: Ticket, at: datetime) -> bool:
    """Whether a customer's words belong into a new request."""
    until = reopens_until(ticket)
    return until is not None and at > until
