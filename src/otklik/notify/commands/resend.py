"""Send a ticket's mail again, to another address of the person or to somebody else."""

import re
from datetime import datetime

from django.db import transaction

from otklik.core.errors import UnableTo
from otklik.journal.models import Event
from otklik.journal.record import record
from otklik.mail.inbox import mailbox_for
from otklik.mail.models import OutboundMail
from otklik.notify.event_context import Recipient, contexts
from otklik.notify.events import SentElsewhere
from otklik.notify.outbox import post
from otklik.notify.refusals import NotifyRefusal
from otklik.notify.rules import RULES, Rule
from otklik.notify.ticket_mails import ticket_mail
from otklik.people.actor import Actor
from otklik.people.addresses import canonical
from otklik.people.commands.persons import ensure_person
from otklik.tickets.commands.fields import add_participant
from otklik.tickets.models import Participant

# Kinds of mail with the same content for everybody; others contain personal links.
SENDABLE = {"accepted", "comment", "status_changed", "closed"}
_CAUSE = re.compile(r"event:(\d{1,18}) ")


class UnableToSendElsewhere(UnableTo):
    """This mail cannot be sent to that address; the refusal code says why."""


def send_elsewhere(
    *, actor: Actor, at: datetime, mail: OutboundMail, address: str, history: bool = False
) -> OutboundMail:
    """Compose an undelivered mail again for another address, whose person joins the ticket; return it, queued.

    Nothing personal of the first recipient is sent: signed addresses and links are made for the new person (rule R2).
    `history`: the person may read earlier messages on the portal; otherwise this one and later ones. Raises
    UnableToSendElsewhere, BadAddress, UnableToChange.
    """
    event, rule = _behind(mail)
    if mailbox_for(canonical(address)) is not None:
        raise UnableToSendElsewhere(NotifyRefusal.SUPPORT_ADDRESS)
    with transaction.atomic():
        context = contexts([event])[0]
        person, _made = ensure_person(address=address, name="", at=at)
        add_participant(actor=actor, at=at, ticket=context.ticket, person=person, sees_all=history)
        participant = Participant.objects.select_related("person").get(ticket=context.ticket, person=person)
        written = post([ticket_mail(rule, context, Recipient(person, participant), at)])
        if not written:
            raise UnableToSendElsewhere(NotifyRefusal.SENT_ALREADY)
        told = SentElsewhere(recipient=person.email, mail=written[0].pk, ticket=mail.ticket_key)
        record(told, about=mail.pk, by=actor, at=at)
    return written[0]


def may_be_sent_elsewhere(mail: OutboundMail) -> bool:
    """Return whether to offer `send_elsewhere`, judging by the row alone."""
    gone_wrong = mail.state in {OutboundMail.State.FAILED, OutboundMail.State.STOPPED}
    return gone_wrong and mail.kind in SENDABLE and mail.ticket_id is not None and bool(_CAUSE.match(mail.cause))


def _behind(mail: OutboundMail) -> tuple[Event, Rule]:
    """Return the event that the mail reported, and the rule that made it. Raises UnableToSendElsewhere."""
    match = _CAUSE.match(mail.cause)
    event = Event.objects.filter(pk=int(match.group(1))).first() if match and may_be_sent_elsewhere(mail) else None
    written = [rule for rule in RULES if rule.template == mail.kind]
    rule = next((rule for rule in written if event and isinstance(event.typed, rule.event)), None)
    if event is None or rule is None:
        raise UnableToSendElsewhere(NotifyRefusal.NOT_RESENDABLE)
    return event, rule
