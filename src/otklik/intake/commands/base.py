"""Shared by all staff actions on a received mail: locking, permission checks, recording the event."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import translation

from otklik.core.errors import UnableTo
from otklik.core.locks import lock
from otklik.desks.access import is_agent
from otklik.desks.models import Channel, Desk
from otklik.intake.events import MailAct
from otklik.intake.parse_workers import read
from otklik.intake.refusals import IntakeRefusal
from otklik.journal.models import Event
from otklik.journal.record import record
from otklik.mail.models import InboundMail
from otklik.mail.parse import ParsedMail
from otklik.mail.parse.child_process import UnableToParse
from otklik.people.actor import Actor
from otklik.tickets.models import Message
from otklik.tickets.refusals import TicketRefusal

BY_HAND = "by_hand"
"""The rule of a mail that was placed manually."""


class UnableToAct(UnableTo):
    """The action is impossible for this mail; the refusal code says why."""


@dataclass(frozen=True, slots=True)
class Case:
    """A locked mail, the channel that received it, and the message it became, if any."""

    mail: InboundMail
    channel: Channel
    message: Message | None

    @property
    def desk(self) -> Desk:
        """The desk responsible for the mail: of its ticket, which may have been moved, else of its channel."""
        return self.channel.desk if self.message is None else self.message.ticket.desk


@contextmanager
def case_of(actor: Actor, mail: InboundMail) -> Iterator[Case]:
    """Context manager: a transaction with the mail locked, in the desk's language.

    Raises UnableToAct if the actor is not staff, or if the mail is still waiting.
    """
    with transaction.atomic():
        mail = lock(InboundMail, mail.pk)
        channel = Channel.objects.select_related("desk", "request_type").get(mailbox=mail.mailbox)
        message = Message.objects.filter(inbound=mail).select_related("ticket__desk", "ticket__status").first()
        case = Case(mail, channel, message)
        require_staff(actor, case.desk)
        if mail.state == InboundMail.State.WAITING:
            raise UnableToAct(IntakeRefusal.STILL_WAITING)
        with translation.override(case.desk.language):
            yield case


def require_staff(actor: Actor, desk: Desk) -> None:
    """Raise UnableToAct unless the actor works at the desk or is the system."""
    if not actor.is_system and (actor.person is None or not is_agent(actor.person, desk)):
        raise UnableToAct(TicketRefusal.STAFF_ONLY)


def require_original(mail: InboundMail) -> None:
    """Raise UnableToAct if the mail's original was deleted (mail.retention)."""
    if mail.raw_removed_at is not None:
        raise UnableToAct(IntakeRefusal.ORIGINAL_GONE)


def understood(mail: InboundMail) -> ParsedMail:
    """Return the parsed mail. Raises UnableToAct if it is unreadable or was deleted."""
    require_original(mail)
    try:
        return read(mail)
    except UnableToParse as error:
        raise UnableToAct(IntakeRefusal.UNREADABLE, reason=error.reason) from error


def tell_mail(case: Case, told: MailAct, actor: Actor, at: datetime) -> Event:
    """Record an event on the mail. What changed on a ticket is recorded by the ticket's own command."""
    return record(told.with_mailbox(case.mail.mailbox.address), about=case.mail.pk, by=actor, at=at)
