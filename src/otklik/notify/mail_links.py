"""URLs in mails, always below the configured public address (AB-30)."""

from django.conf import settings

from otklik.tickets.approvals import vote_token
from otklik.tickets.models import Participant, Ticket, Vote
from otklik.tickets.ratings import entry_token, rating_token, reopen_token, stop_token


def link_to(ticket: Ticket, *, for_agent: bool, reader: Participant | None = None) -> str:
    """Where the ticket is read. Opens nothing without login (rule R3).

    For a `reader` who never logged in the login page knows by it whom to tell how to get in, and no more (ADR 51).
    """
    if for_agent:
        return f"{settings.PUBLIC_URL}/browse/{ticket.key}"
    page = f"{settings.PUBLIC_URL}/servicedesk/customer/portal/{ticket.desk_id}/{ticket.key}"
    invited = f"&to={entry_token(reader)}" if reader is not None and reader.person.activated_at is None else ""
    return f"{page}?sda_source=notification-email{invited}"


def rating_link(requester: Participant) -> str:
    """Where the requester rates this ticket without login, and can do nothing else."""
    return f"{settings.PUBLIC_URL}/servicedesk/customer/rating/{rating_token(requester)}"


def approval_link(vote: Vote) -> str:
    """Where who is asked says yes or no without login."""
    return f"{settings.PUBLIC_URL}/servicedesk/customer/approval/{vote_token(vote)}"


def reopen_link(participant: Participant) -> str:
    """Where this person opens the ticket again after a slip, without login."""
    return f"{settings.PUBLIC_URL}/servicedesk/customer/reopen/{reopen_token(participant)}"


def stop_link(participant: Participant | None) -> str:
    """Where this person ends the mails about the ticket without login; "" for who is not on it."""
    return f"{settings.PUBLIC_URL}/servicedesk/customer/unsubscribe/{stop_token(participant)}" if participant else ""
