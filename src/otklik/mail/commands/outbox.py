"""Staff actions on outgoing mails: send now, cancel, try again, lift the suppression of an address."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from otklik.core.errors import UnableTo
from otklik.core.locks import lock
from otklik.core.notify_channel import wake
from otklik.journal.record import record
from otklik.mail import suppressed_addresses
from otklik.mail.claims import is_claimed
from otklik.mail.deliver import GIVE_UP, TOPIC
from otklik.mail.events import (
    AddressCleared,
    OutboundCancelled,
    OutboundEvent,
    OutboundHurried,
    OutboundRetried,
)
from otklik.mail.models import OutboundMail
from otklik.mail.refusals import MailRefusal
from otklik.people.actor import Actor

State = OutboundMail.State
AGAIN = {State.FAILED, State.CANCELLED, State.STOPPED, State.KEPT, State.RESTORED}


class UnableToSend(UnableTo):
    """The action is impossible in the mail's present state; the refusal code says why."""


def send_now(*, actor: Actor, at: datetime, mail: OutboundMail) -> None:
    """Make a queued mail due at once. Raises UnableToSend."""
    with transaction.atomic():
        mail = _waiting(mail, at)
        mail.retry_at = at
        mail.save(update_fields=["retry_at"])
        _tell(mail, OutboundHurried, actor, at)


def cancel(*, actor: Actor, at: datetime, mail: OutboundMail) -> None:
    """Cancel a queued mail. Raises UnableToSend."""
    with transaction.atomic():
        mail = _waiting(mail, at, {State.RESTORED})
        mail.state, mail.delayed_by, mail.delayed_since = State.CANCELLED, "", None
        if mail.sensitive:
            mail.text = mail.html = ""
        mail.save(update_fields=["state", "text", "html", "delayed_by", "delayed_since"])
        _tell(mail, OutboundCancelled, actor, at)


def try_again(*, actor: Actor, at: datetime, mail: OutboundMail) -> None:
    """Queue an unsent mail again, with the same Message-ID, for another five days. Raises UnableToSend.

    Also sent if the address is suppressed, as the person explicitly asks for it.
    """
    with transaction.atomic():
        mail = _locked(mail, AGAIN)
        if not mail.text:
            raise UnableToSend(MailRefusal.TEXT_GONE)
        suppressed_addresses.clear(mail.recipient, at)
        mail.state, mail.retry_at, mail.again_at, mail.attempts = State.QUEUED, at, at, 0
        mail.claimed_until = None
        mail.save(update_fields=["state", "retry_at", "again_at", "attempts", "claimed_until"])
        _tell(mail, OutboundRetried, actor, at)


def clear_address(*, actor: Actor, at: datetime, address: str, recent: bool = False) -> bool:
    """Resume sending to a suppressed address and queue what was stopped; return whether it was suppressed.

    `recent`: queue only mails written within the last five days.
    """
    with transaction.atomic():
        if not suppressed_addresses.clear(address, at, written_since=at - GIVE_UP if recent else None):
            return False
        record(AddressCleared(address=address), about=0, by=actor, at=at)
    return True


def _locked(mail: OutboundMail, states: set[State]) -> OutboundMail:
    mail = lock(OutboundMail, mail.pk)
    if mail.state not in states:
        raise UnableToSend(MailRefusal.STATE_CHANGED)
    return mail


def _waiting(mail: OutboundMail, at: datetime, also: Collection[State] = ()) -> OutboundMail:
    """Lock and return the queued mail. Raises UnableToSend if it is being sent, which cannot be undone."""
    mail = _locked(mail, {State.QUEUED, *also})
    if is_claimed(mail, at):
        raise UnableToSend(MailRefusal.BEING_SENT)
    return mail


def _tell(mail: OutboundMail, kind: type[OutboundEvent], actor: Actor, at: datetime) -> None:
    record(kind(recipient=mail.recipient, ticket=mail.ticket_key), about=mail.pk, by=actor, at=at)
    wake(TOPIC)
