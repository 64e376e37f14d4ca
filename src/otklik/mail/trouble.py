"""What is known of addresses that refuse our mail, and the tries of each mail."""

import re
from datetime import datetime, timedelta

from django.db.models import F

from otklik.core.locks import lock
from otklik.core.wakeup import wake
from otklik.journal.record import record
from otklik.mail.models import AddressTrouble, DeliveryAttempt, OutboundMail

Outcome = DeliveryAttempt.Outcome
MOST_HARD, HARD_TIME = 3, timedelta(days=7)
# What is told to an agent by mail must not be told again when that mail fails in turn.
QUIET_KINDS = {"undelivered"}
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
# RFC 3463: no such mailbox, bad syntax, moved without a new address, no such domain; mailbox disabled.
_GONE = {(1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 1)}
# Message too big, its content, protocol: the mail's fault or ours, not the address'.
_NOT_THE_ADDRESS = {3, 5, 6}


def note_later(mail: OutboundMail, answer: str, at: datetime) -> None:
    """A try that will be repeated."""
    _attempt(mail, Outcome.LATER, answer, at)


def note_refused(mail: OutboundMail, answer: str, at: datetime, outcome: str = Outcome.REFUSED) -> None:
    """A refusal for good, or a report that the mail came back: at the mail, at the address, and told in the journal."""
    _attempt(mail, outcome, answer, at)
    if _counts(answer):
        _hard(mail.recipient, answer, at)
    _tell(mail, "mail.undelivered", answer, at)


def note_stopped(mail: OutboundMail, at: datetime) -> None:
    """Not even tried, because the address takes no mail: nothing new about the address, but somebody waits in vain."""
    _tell(mail, "mail.stopped", "", at)


def _tell(mail: OutboundMail, kind: str, answer: str, at: datetime) -> None:
    if mail.ticket_id is None or mail.kind in QUIET_KINDS:
        return
    data = {"key": mail.ticket_key, "mail": mail.pk, "address": mail.recipient, "words": answer[:300]}
    record(
        kind=kind,
        subject=("ticket", mail.ticket_id),
        actor="Otklik",
        actor_id=None,
        via="system",
        at=at,
        data=data,
    )


def note_soft(address: str, words: str, at: datetime) -> None:
    """A passing trouble that a report tells of."""
    row, _made = AddressTrouble.objects.get_or_create(address=address, defaults={"last_at": at})
    AddressTrouble.objects.filter(pk=row.pk).update(soft=F("soft") + 1, last_at=at, words=words[:2000])


def stopped_among(addresses: list[str]) -> dict[str, AddressTrouble]:
    """Those of the addresses to which nothing is sent, with the reason."""
    rows = AddressTrouble.objects.filter(address__in=addresses).exclude(stopped_at=None)
    return {row.address: row for row in rows}


def clear(address: str, at: datetime) -> bool:
    """Send there again; what was stopped goes into the queue. Returns whether anything was wrong. In a transaction."""
    if not AddressTrouble.objects.filter(address=address).delete()[0]:
        return False
    stopped = OutboundMail.objects.filter(recipient=address, state=OutboundMail.State.STOPPED)
    if stopped.update(state=OutboundMail.State.QUEUED, retry_at=at, again_at=at):
        wake("outbox")
    return True


def _attempt(mail: OutboundMail, outcome: str, answer: str, at: datetime) -> None:
    DeliveryAttempt.objects.create(mail=mail, at=at, outcome=outcome, answer=answer[:2000].replace("\0", ""))


def _counts(answer: str) -> bool:
    found = _STATUS.search(answer)
    return found is None or int(found.group(2)) not in _NOT_THE_ADDRESS


def _hard(address: str, words: str, at: datetime) -> None:
    known, _made = AddressTrouble.objects.get_or_create(address=address, defaults={"last_at": at})
    row = lock(AddressTrouble, known.pk)
    if row.first_hard_at is None or at - row.first_hard_at > HARD_TIME:
        row.first_hard_at, row.hard = at, 0
    row.hard, row.last_at, row.words = row.hard + 1, at, words[:2000].replace("\0", "")
    found = _STATUS.search(words)
    gone = found is not None and (int(found.group(2)), int(found.group(3))) in _GONE
    if row.stopped_at is None and (gone or row.hard >= MOST_HARD):
        row.stopped_at = at
    row.save()
