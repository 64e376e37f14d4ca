"""How long a reply reopens a closed ticket; a later one opens a new, linked ticket, by mail and portal alike."""

from datetime import datetime, timedelta

from otklik.tickets.models import Ticket


def reopens_until(ticket: Ticket) -> datetime | None:
    """Return until when a customer's reply reopens the ticket; None if it is not closed. Needs the desk loaded."""
    return ticket.closed_at + timedelta(days=ticket.desk.reopen_days) if ticket.closed_at is not None else None


def closed_for_long(ticket: Ticket, at: datetime) -> bool:
    """Return whether a customer's reply goes to a new request, because the ticket was closed too long ago."""
    until = reopens_until(ticket)
    return until is not None and at > until
