"""Staff actions on messages that came by mail: add to a ticket, remove from it, release, shelve the ticket."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from otklik.desks.models import Status
from otklik.desks.queries import first_status
from otklik.mail.models import InboundMail
from otklik.people.actor import Actor
from otklik.tickets import note_texts
from otklik.tickets.commands.base import UnableToChange, locked, require_agent, tell, touch, write_message
from otklik.tickets.commands.status import after_customer_reply, set_status
from otklik.tickets.content import NewFile, Words, harmless
from otklik.tickets.events import MessageMoved, StatusChanged, TicketCommented
from otklik.tickets.models import Message, Ticket
from otklik.tickets.new_files import searched_files
from otklik.tickets.refusals import TicketRefusal


def add_mailed(
    *,
    actor: Actor,
    at: datetime,
    ticket: Ticket,
    words: Words,
    claimed_author: str,
    inbound: InboundMail,
    files: Sequence[NewFile] = (),
    why: str,
) -> Message:
    """Put a mail on the ticket as a public message of its claimed author. For the desk's staff.

    The ticket moves as for any customer's reply, and everybody on it is notified. Raises UnableToChange.
    """
    words, files = harmless(words), searched_files(files)
    with transaction.atomic():
        ticket = locked(ticket)
        require_agent(actor, ticket)
        public = Message.Kind.PUBLIC
        message = write_message(
            ticket, at, words, kind=public, files=files, claimed_author=claimed_author, inbound=inbound, why=why
        )
        moved = after_customer_reply(ticket, at)
        touch(ticket, at)
        tell(ticket, TicketCommented(message=message.pk, message_kind=message.kind, moved=moved), actor, at)
    return message


def release_message(*, actor: Actor, at: datetime, message: Message, target: str = "") -> None:
    """Remove a mail's message from its ticket, because the mail goes elsewhere (`target`: that key, if known).

    A ticket that the mail itself opened keeps the text, loses the mail and is closed quietly. Raises UnableToChange if
    others have written there, as the conversation would lose its beginning.
    """
    with transaction.atomic():
        ticket = locked(message.ticket)
        require_agent(actor, ticket)
        if message.opening:
            require_alone(message)
            Message.objects.filter(pk=message.pk).update(inbound=None)
            shelve(actor=actor, at=at, ticket=ticket, note=note_texts.mail_left(target))
            return
        message.delete()
        touch(ticket, at)
        tell(ticket, MessageMoved(to=target), actor, at)


def shelve(*, actor: Actor, at: datetime, ticket: Ticket, note: str) -> Ticket:
    """Close the ticket with an internal note, without notifying anybody outside the staff."""
    with transaction.atomic():
        ticket = locked(ticket)
        require_agent(actor, ticket)
        write_message(ticket, at, Words(note), kind=Message.Kind.INTERNAL, author=actor.person)
        done = Status.objects.filter(desk_id=ticket.desk_id, category=Status.Category.DONE).order_by("position").last()
        _quietly_to(ticket, ticket.status if ticket.status.is_done or done is None else done, actor, at)
    return ticket


def unshelve(*, actor: Actor, at: datetime, ticket: Ticket, status: Status | None = None) -> Ticket:
    """Reopen the ticket in `status`, or the desk's first one, without notifying anybody outside the staff."""
    with transaction.atomic():
        ticket = locked(ticket)
        require_agent(actor, ticket)
        _quietly_to(ticket, status or first_status(ticket.desk), actor, at)
    return ticket


def require_alone(message: Message) -> None:
    """Raise UnableToChange if the message's ticket has other public messages."""
    if _others([message.ticket_id]).exclude(pk=message.pk).exists():
        raise UnableToChange(TicketRefusal.OTHERS_HAVE_WRITTEN)


def not_alone(tickets: Sequence[int]) -> set[int]:
    """Return which of these tickets (ids) have public messages besides the opening one."""
    return set(_others(tickets).filter(opening=False).values_list("ticket", flat=True)) if tickets else set()


def _others(tickets: Sequence[int]) -> QuerySet[Message]:
    return Message.objects.filter(ticket__in=tickets).exclude(kind=Message.Kind.INTERNAL)


def _quietly_to(ticket: Ticket, status: Status, actor: Actor, at: datetime) -> None:
    before = ticket.status.name
    set_status(ticket, status, at)
    touch(ticket, at)
    # An event with `closed` and without `quiet` is mailed; sorting mail must not notify anybody.
    told = StatusChanged(before=before, after=status.name, category=status.category, closed=False, quiet=True)
    tell(ticket, told, actor, at)
