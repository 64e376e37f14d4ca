"""Change or take back a message of one's own, for some minutes. What stood there before is kept (ADR 29)."""

from datetime import datetime, timedelta

from django.db import transaction

from otklik.core.locks import lock, lock_all
from otklik.mail.models import OutboundMail
from otklik.mail.secret_scan import blanked
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.commands.base import UnableToChange, locked, require_agent, require_involved, tell, touch
from otklik.tickets.content import Words
from otklik.tickets.events import MessageEdited, MessageWithdrawn
from otklik.tickets.models import Message, MessageRevision, Ticket
from otklik.tickets.refusals import TicketRefusal


def correctable_until(person: Person | None, ticket: Ticket, message: Message) -> datetime | None:
    """Return until when this person may change the message; None for never. Needs the ticket's desk loaded.

    Only the author's own text typed on our pages can be changed: neither mails nor the opening message.
    """
    is_own = person is not None and message.author_id == person.pk
    if not is_own or message.opening or message.inbound_id is not None or message.withdrawn_at is not None:
        return None
    minutes = ticket.desk.edit_minutes
    return message.created_at + timedelta(minutes=minutes) if minutes else None


def edit_message(*, actor: Actor, at: datetime, message: Message, words: Words) -> Message:
    """Replace the message's text; the former text becomes a revision that its readers can see.

    Mails already sent are not sent again. Raises UnableToChange: not the author, too late, empty text.
    """
    with transaction.atomic():
        ticket, message = _mine(actor, at, message)
        if not words.text.strip() and not message.attachments.exists():
            raise UnableToChange(TicketRefusal.EDIT_EMPTY)
        if words.text == message.text:
            return message
        _keep(message, actor, at, withdrawn=False)
        message.text, message.markup, message.edited_at = blanked(words.text), words.markup, at
        message.save(update_fields=["text", "markup", "edited_at"])
        touch(ticket, at, inside=message.kind == Message.Kind.INTERNAL)
        tell(ticket, MessageEdited(message=message.pk, message_kind=message.kind), actor, at)
    return message


def withdraw_message(*, actor: Actor, at: datetime, message: Message) -> Message:
    """Withdraw the message: everybody sees that there was one, only the staff its text and files.

    Cancels its mails that were not sent yet. Raises UnableToChange: not the author, too late.
    """
    with transaction.atomic():
        ticket, message = _mine(actor, at, message)
        take_words_away(message, actor, at)
        touch(ticket, at, inside=message.kind == Message.Kind.INTERNAL)
        tell(ticket, MessageWithdrawn(message=message.pk, message_kind=message.kind), actor, at)
    return message


def take_words_away(message: Message, actor: Actor, at: datetime) -> None:
    """Empty the locked message, keep its text as a revision for the staff, and cancel its unsent mails."""
    _keep(message, actor, at, withdrawn=True)
    message.text = message.html = message.layout = message.quoted = message.besides = ""
    message.withdrawn_at = at
    message.save(update_fields=["text", "html", "layout", "quoted", "besides", "withdrawn_at"])
    cancel_mails(message)


def cancel_mails(message: Message) -> None:
    """Cancel mails about the message that no server was offered yet. A mail being sent now is left alone."""
    mails = OutboundMail.objects.filter(ticket_id=message.ticket_id, about=message.pk)
    waiting = mails.filter(state=OutboundMail.State.QUEUED, attempts=0).only("pk").order_by("pk")
    mine = [mail.pk for mail in lock_all(waiting, skip_locked=True)]
    mails.filter(pk__in=mine).update(state=OutboundMail.State.CANCELLED)


def _mine(actor: Actor, at: datetime, message: Message) -> tuple[Ticket, Message]:
    ticket = locked(message.ticket)
    message = lock(Message, message.pk)
    (require_agent if message.kind == Message.Kind.INTERNAL else require_involved)(actor, ticket)
    until = correctable_until(actor.person, ticket, message)
    if until is None:
        raise UnableToChange(TicketRefusal.NOT_OWN_MESSAGE)
    if at > until:
        raise UnableToChange(TicketRefusal.TOO_LATE_TO_EDIT)
    return ticket, message


def _keep(message: Message, actor: Actor, at: datetime, *, withdrawn: bool) -> None:
    if withdrawn:
        # What stood there before may be what is taken back: from now on all of it is for the staff.
        message.revisions.update(withdrawn=True)
    MessageRevision.objects.create(
        message=message,
        text=message.text,
        markup=message.markup,
        withdrawn=withdrawn,
        replaced_by=actor.person,
        replaced_at=at,
    )
