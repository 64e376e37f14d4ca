"""Open a ticket."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.desks.models import Desk, Priority, RequestType
from otklik.desks.queries import default_priority, first_status
from otklik.mail.models import InboundMail
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.commands.base import NewFile, Words, add_files, tell
from otklik.tickets.models import Message, Participant, Ticket

SUBJECT_LENGTH = 300


class UnableToOpen(UnableTo):
    """The ticket cannot be opened."""


def open_ticket(
    *,
    actor: Actor,
    at: datetime,
    desk: Desk,
    channel: str,
    subject: str,
    words: Words,
    requester: Person | None,
    request_type: RequestType | None = None,
    priority: Priority | None = None,
    assignee: Person | None = None,
    files: Sequence[NewFile] = (),
    inbound: InboundMail | None = None,
    related: Ticket | None = None,
    sender_unverified: bool = False,
    claimed_author: str = "",
    why: str = "",
) -> Ticket:
    """A new ticket with the next number of the desk, its opening message, and the requester as participant.

    Numbers have no gaps: the number is taken under a lock that lasts to the end of the transaction, and given back if
    it rolls back. Raises UnableToOpen when the request type belongs to another desk.
    """
    if request_type is not None and request_type.desk_id != desk.pk:
        raise UnableToOpen(_("This request type belongs to another desk."))
    with transaction.atomic():
        status, chosen = first_status(desk), priority or default_priority(desk)
        number = _next_number(desk)
        ticket = Ticket.objects.create(
            desk=desk,
            number=number,
            key=f"{desk.key}-{number}",
            subject=_one_line(subject),
            request_type=request_type,
            requester=requester,
            status=status,
            priority=chosen,
            assignee=assignee,
            channel=channel,
            related=related,
            sender_unverified=sender_unverified,
            created_at=at,
            updated_at=at,
        )
        message = Message.objects.create(
            ticket=ticket,
            kind=Message.Kind.PUBLIC,
            opening=True,
            author=requester,
            claimed_author=claimed_author,
            text=words.text,
            html=words.html,
            quoted=words.quoted,
            inbound=inbound,
            why=why,
            created_at=at,
        )
        add_files(message, files)
        if requester is not None:
            Participant.objects.create(ticket=ticket, person=requester, added_at=at)
        tell(ticket, "ticket.opened", actor, at, message=message.pk, unverified=sender_unverified)
    return ticket


def _next_number(desk: Desk) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tickets_numbersequence (desk_id, last) VALUES (%s, 1)"
            " ON CONFLICT (desk_id) DO UPDATE SET last = tickets_numbersequence.last + 1 RETURNING last",
            [desk.pk],
        )
        (number,) = cursor.fetchone()
    return int(number)


def _one_line(subject: str) -> str:
    """One line, printable; an empty subject gets a placeholder, as a list needs something to click."""
    line = " ".join("".join(c if c.isprintable() else " " for c in subject).split())
    return line[:SUBJECT_LENGTH] or "(без темы)"
