"""Take the admission of a held message back."""

from datetime import datetime

from django.db import transaction

from otklik.core.locks import lock
from otklik.journal.models import Event
from otklik.mail.inbound_state import locked_row, now_held
from otklik.mail.models import OutboundMail
from otklik.mail.reasons import because
from otklik.people.actor import Actor
from otklik.tickets.admission_events import MessageHeldAgain
from otklik.tickets.commands.base import UnableToChange, locked, require_agent, tell, touch
from otklik.tickets.commands.edit_message import cancel_mails
from otklik.tickets.events import MessageAdmitted
from otklik.tickets.models import Message
from otklik.tickets.refusals import TicketRefusal


def hold_again(*, actor: Actor, at: datetime, message: Message) -> int:
    """Hold a message that an agent admitted, cancel its unsent mails, and return how many have left already.

    Only agents see the message from then on, and its mail waits in the ledger again. Does not undo what the message
    moved or who joined. Raises UnableToChange: not admitted by an agent, held again already.
    """
    with transaction.atomic():
        mail = locked_row(message.inbound_id)
        ticket = locked(message.ticket)
        require_agent(actor, ticket)
        message = lock(Message, message.pk)
        if message.held or not _admitted_by_an_agent(message):
            raise UnableToChange(TicketRefusal.NOT_ADMITTED)
        message.held = True
        message.save(update_fields=["held"])
        cancel_mails(message)
        if mail is not None:
            now_held(mail, because("held_again", actor.name), at)
        touch(ticket, at)
        tell(ticket, MessageHeldAgain(message=message.pk), actor, at)
    left = OutboundMail.objects.filter(ticket_id=message.ticket_id, about=message.pk)
    return left.exclude(state__in=[OutboundMail.State.CANCELLED, OutboundMail.State.QUEUED]).count()


def _admitted_by_an_agent(message: Message) -> bool:
    """Return whether the message was admitted as it came; who proved the address became its author."""
    admitted = Event.objects.filter(MessageAdmitted.where(message=message.pk))
    return message.author_id is None and admitted.filter(subject_kind="ticket", subject_id=message.ticket_id).exists()
