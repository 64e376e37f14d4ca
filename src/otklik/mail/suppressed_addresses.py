"""Suppress addresses that refuse our mail, and count the attempts of each mail."""

from datetime import datetime, timedelta

from django.db.models import F

from otklik.core.locks import lock
from otklik.core.notify_channel import wake
from otklik.journal.record import record
from otklik.mail.events import MailStopped, MailUndelivered
from otklik.mail.models import AddressTrouble, DeliveryAttempt, OutboundMail
from otklik.mail.smtp_refusals import GONE, OURS, blame_of_report, status_of
from otklik.people.actor import system

Outcome = DeliveryAttempt.Outcome
MOST_HARD, HARD_TIME = 3, timedelta(days=7)
# A failing notification about a failure must not cause another one.
QUIET_KINDS = {"undelivered"}


def note_later(mail: OutboundMail, answer: str, at: datetime) -> None:
    """Record an attempt that will be repeated."""
    _attempt(mail, Outcome.LATER, answer, at)


def note_refused(
    mail: OutboundMail, answer: str, at: datetime, outcome: str = Outcome.REFUSED, *, counts: bool, report: int = 0
) -> None:
    """Record a permanent refusal or a bounce (`report`: the inbound mail) on the mail and as an event.

    `counts`: it also counts against the address.
    """
    _attempt(mail, outcome, answer, at)
    if counts:
        _hard(mail.recipient, answer, at)
    if _is_told(mail):
        told = MailUndelivered(
            key=mail.ticket_key, mail=mail.pk, address=mail.recipient, words=answer[:300], report=report
        )
        record(told, about=mail.ticket_id or 0, by=system(), at=at)


def note_stopped(mail: OutboundMail, at: datetime) -> None:
    """Record that a mail was not tried because its address is suppressed."""
    if _is_told(mail):
        told = MailStopped(key=mail.ticket_key, mail=mail.pk, address=mail.recipient, words="")
        record(told, about=mail.ticket_id or 0, by=system(), at=at)


def _is_told(mail: OutboundMail) -> bool:
    return mail.ticket_id is not None and mail.kind not in QUIET_KINDS


def note_soft(address: str, answer: str, at: datetime) -> None:
    """Record a temporary failure that a report mentions."""
    trouble, _made = AddressTrouble.objects.get_or_create(address=address, defaults={"last_at": at})
    AddressTrouble.objects.filter(pk=trouble.pk).update(soft=F("soft") + 1, last_at=at, words=answer[:2000])


def stopped_among(addresses: list[str]) -> dict[str, AddressTrouble]:
    """Return those of the addresses that are suppressed, with the reason."""
    rows = AddressTrouble.objects.filter(address__in=addresses).exclude(stopped_at=None)
    return {trouble.address: trouble for trouble in rows}


def wrongly_stopped() -> list[AddressTrouble]:
    """Return addresses suppressed for a refusal that was about us, as earlier versions did."""
    rows = AddressTrouble.objects.exclude(stopped_at=None).order_by("address")
    return [trouble for trouble in rows if blame_of_report(trouble.words) in OURS]


def clear(address: str, at: datetime, written_since: datetime | None = None) -> bool:
    """End the suppression and queue stopped mails, or only those written since then. Call in a transaction.

    Returns whether the address had any failures recorded.
    """
    if not AddressTrouble.objects.filter(address=address).delete()[0]:
        return False
    stopped = OutboundMail.objects.filter(recipient=address, state=OutboundMail.State.STOPPED)
    if written_since is not None:
        stopped = stopped.filter(created_at__gte=written_since)
    if stopped.update(state=OutboundMail.State.QUEUED, retry_at=at, again_at=at):
        wake("outbox")
    return True


def _attempt(mail: OutboundMail, outcome: str, answer: str, at: datetime) -> None:
    DeliveryAttempt.objects.create(mail=mail, at=at, outcome=outcome, answer=answer[:2000].replace("\0", ""))


def _hard(address: str, answer: str, at: datetime) -> None:
    known, _made = AddressTrouble.objects.get_or_create(address=address, defaults={"last_at": at})
    trouble = lock(AddressTrouble, known.pk)
    if trouble.first_hard_at is None or at - trouble.first_hard_at > HARD_TIME:
        trouble.first_hard_at, trouble.hard = at, 0
    trouble.hard, trouble.last_at, trouble.words = trouble.hard + 1, at, answer[:2000].replace("\0", "")
    if trouble.stopped_at is None and (status_of(answer) in GONE or trouble.hard >= MOST_HARD):
        trouble.stopped_at = at
    trouble.save()
