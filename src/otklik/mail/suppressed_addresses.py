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
# What is told to an agent by mail must not be told again when that mail fails in turn.
QUIET_KINDS = {"undelivered"}


def note_later(mail: OutboundMail, answer: str, at: datetime) -> None:
    """A try that will be repeated."""
    _attempt(mail, Outcome.LATER, answer, at)


def note_refused(
    mail: OutboundMail, answer: str, at: datetime, outcome: str = Outcome.REFUSED, *, counts: bool, report: int = 0
) -> None:
    """A refusal for good, or a report that the mail came back (`report`: the inbound mail that says so): noted at the
    mail and told in the journal, and at the address where it `counts` against that."""
    _attempt(mail, outcome, answer, at)
    if counts:
        _hard(mail.recipient, answer, at)
    if _is_told(mail):
        told = MailUndelivered(
            key=mail.ticket_key, mail=mail.pk, address=mail.recipient, words=answer[:300], report=report
        )
        record(told, about=mail.ticket_id or 0, by=system(), at=at)


def note_stopped(mail: OutboundMail, at: datetime) -> None:
    """Not even tried, because the address takes no mail: nothing new about the address, but somebody waits in vain."""
    if _is_told(mail):
        told = MailStopped(key=mail.ticket_key, mail=mail.pk, address=mail.recipient, words="")
        record(told, about=mail.ticket_id or 0, by=system(), at=at)


def _is_told(mail: OutboundMail) -> bool:
    return mail.ticket_id is not None and mail.kind not in QUIET_KINDS


def note_soft(address: str, answer: str, at: datetime) -> None:
    """A passing trouble that a report tells of."""
    trouble, _made = AddressTrouble.objects.get_or_create(address=address, defaults={"last_at": at})
    AddressTrouble.objects.filter(pk=trouble.pk).update(soft=F("soft") + 1, last_at=at, words=answer[:2000])


def stopped_among(addresses: list[str]) -> dict[str, AddressTrouble]:
    """Those of the addresses to which nothing is sent, with the reason."""
    rows = AddressTrouble.objects.filter(address__in=addresses).exclude(stopped_at=None)
    return {trouble.address: trouble for trouble in rows}


def wrongly_stopped() -> list[AddressTrouble]:
    """Addresses that were stopped for a refusal which is about us, as earlier versions did; told by the words kept."""
    rows = AddressTrouble.objects.exclude(stopped_at=None).order_by("address")
    return [trouble for trouble in rows if blame_of_report(trouble.words) in OURS]


def clear(address: str, at: datetime, written_since: datetime | None = None) -> bool:
    """Send there again; what was stopped goes into the queue, or only what was written since then.

    Returns whether anything was wrong. In a transaction.
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
