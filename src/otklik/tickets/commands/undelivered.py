"""Record that a mail about a ticket was not delivered, which is work for the desk."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from otklik.desks.models import Status
from otklik.journal.models import Event
from otklik.mail.events import MailStopped, MailUndelivered
from otklik.mail.models import OutboundMail
from otklik.people.actor import system
from otklik.tickets.commands.base import locked, tell, touch
from otklik.tickets.commands.status import after_customer_reply
from otklik.tickets.events import StatusChanged
from otklik.tickets.models import Participant, Ticket


def mark_undelivered(events: Sequence[Event], at: datetime) -> None:
    """For events that report an undelivered mail, mark its ticket (`note_undelivered`). Others are ignored."""
    for event in events:
        told = event.typed
        if not isinstance(told, MailUndelivered | MailStopped):
            continue
        mail = OutboundMail.objects.filter(pk=told.mail).first()
        ticket = Ticket.objects.filter(pk=event.subject_id).first()
        if mail is not None and ticket is not None:
            note_undelivered(at=at, ticket=ticket, mail=mail, cause=event)


def note_undelivered(*, at: datetime, ticket: Ticket, mail: OutboundMail, cause: Event | None = None) -> bool:
    """Mark the ticket as having an undelivered mail until a person acts on it; return whether it was new.

    A ticket that waits for its requester, whom this mail did not reach, goes back to work by the `on_customer_reply`
    transition, without a mail: they cannot answer what they never got (RL-26). Mail to people who are not on the ticket
    changes nothing. `cause`: the event that reports it.
    """
    if mail.person_id is None:
        return False
    with transaction.atomic():
        ticket = locked(ticket)
        on_it = Participant.objects.filter(ticket=ticket, person_id=mail.person_id, removed_at=None)
        if mail.created_at < (ticket.undelivered_at or mail.created_at) or not on_it.exists():
            return False
        ticket.undelivered_at = at
        before, moved = ticket.status.name, ""
        if ticket.status.category == Status.Category.WAITING and mail.person_id == ticket.requester_id:
            moved = after_customer_reply(ticket, at)
        touch(ticket, at, "undelivered_at", inside=not moved)
        if moved:
            category, closed = ticket.status.category, ticket.status.is_done
            told = StatusChanged(before=before, after=moved, category=category, closed=closed, quiet=True)
            tell(ticket, told, system(cause=cause), at)
    return True
