"""URLs in mails, always below the configured public address (AB-30)."""

from django.conf import settings

from otklik.tickets.approvals import vote_token
from otklik.tickets.models import Participant, Ticket, Vote
from otklik.tickets.ratings import entry_token, rating_token, reopen_token, stop_token


def link_to(ticket: Ticket, *, for_agent: bool, reader: Participant | None = None) -> str:
    """Return the URL of the ticket's page, which requires a login (rule R3).

    For a `reader` who has never logged in it contains a token by which the login page can tell them how to get in (ADR
    51).
    """
    if for_agent:
        return f"{settings.PUBLIC_URL}/browse/{ticket.key}"
    page = f"{settings.PUBLIC_URL}/servicedesk/customer/portal/{ticket.desk_id}/{ticket.key}"
    invited = f"&to={entry_token(reader)}" if reader is not None and reader.person.activated_at is None else ""
    return f"{page}?sda_source=notification-email{invited}"


def rating_link(requester: Participant) -> str:
    """Return the URL at which the requester rates this ticket without login, and can do nothing else."""
    return f"{settings.PUBLIC_URL}/servicedesk/customer/rating/{rating_token(requester)}"


def approval_link(vote: Vote) -> str:
    """Return the URL at which the approver votes without login."""
    return f"{settings.PUBLIC_URL}/servicedesk/customer/approval/{vote_token(vote)}"


def reopen_link(participant: Participant) -> str:
    """Return the URL at which this person reopens the ticket without login."""
    return f"{settings.PUBLIC_URL}/servicedesk/customer/reopen/{reopen_token(participant)}"


def stop_link(participant: Participant | None) -> str:
    """Return the URL at which this person turns off mails about the ticket without login; "" for None."""
    return f"{settings.PUBLIC_URL}/servicedesk/customer/unsubscribe/{stop_token(participant)}" if participant else ""
