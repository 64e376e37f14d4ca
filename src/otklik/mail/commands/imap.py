"""Which mailboxes elsewhere are fetched."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat

from otklik.core.errors import UnableTo
from otklik.core.locks import lock_all, lock_first
from otklik.journal.record import record
from otklik.mail.events import (
    MailboxAdded,
    MailboxEvent,
    MailboxPaused,
    MailboxReconfigured,
    MailboxRemoved,
    MailboxResumed,
)
from otklik.mail.imap.survey import Survey
from otklik.mail.models import ImapAccount, InboundMail, Mailbox, MailImport
from otklik.mail.refusals import MailRefusal
from otklik.people.actor import Actor


class UnableToChangeMailbox(UnableTo):
    """There is no such mailbox to be fetched."""


@dataclass(frozen=True, slots=True)
class Start:
    """From where on mail is taken. `old`: also what lies there; of that, what came at `since` or later (None: all)."""

    old: bool = False
    since: datetime | None = None


def keep_account(
    *, actor: Actor, at: datetime, account: ImapAccount, found: Survey, start: Start | None
) -> tuple[ImapAccount, bool]:
    """Fetch this folder from now on, or fetch a known one in this new way; returns the row and whether it is new.

    `account` is not saved yet; `found` is the look at its folder just now. `start` None: a new folder from now on, a
    known one from where it stands. Old mail is taken in silence. An earlier failure is forgotten.
    """
    with transaction.atomic():
        same = {name: getattr(account, name) for name in ("mailbox", "host", "username", "folder")}
        known = lock_first(ImapAccount.objects.filter(**same))
        row = known or account
        if known is not None:
            for name in ("port", "security", "auth", "secret", "after"):
                setattr(row, name, getattr(account, name))
        row.paused, row.failures, row.retry_at, row.changed_at = False, 0, None, at
        if known is None or start is not None:
            _begin(row, found, start or Start(), at, is_new=known is None)
        row.save()
        _tell(row.mailbox, actor, at, MailboxReconfigured if known else MailboxAdded, row)
    return row, known is None


def remove_accounts(*, actor: Actor, at: datetime, mailbox: Mailbox) -> int:
    """Fetch this address's mail no longer; returns how many folders that were. What was taken stays, there and here."""
    with transaction.atomic():
        rows = lock_all(ImapAccount.objects.filter(mailbox=mailbox).order_by("pk"))
        if not rows:
            raise UnableToChangeMailbox(MailRefusal.NOT_FETCHED, address=mailbox.address)
        for row in rows:
            _tell(mailbox, actor, at, MailboxRemoved, row)
            row.delete()
    return len(rows)


def pause_accounts(*, actor: Actor, at: datetime, mailbox: Mailbox, paused: bool) -> int:
    """Leave this address's folders alone, or fetch them again from where they stand; returns how many there are."""
    with transaction.atomic():
        rows = lock_all(ImapAccount.objects.filter(mailbox=mailbox).order_by("pk"))
        if not rows:
            raise UnableToChangeMailbox(MailRefusal.NOT_FETCHED, address=mailbox.address)
        for row in rows:
            row.paused, row.changed_at, row.retry_at, row.failures = paused, at, None, 0
            row.save(update_fields=["paused", "changed_at", "retry_at", "failures"])
            _tell(mailbox, actor, at, MailboxPaused if paused else MailboxResumed, row)
    return len(rows)


def _begin(row: ImapAccount, found: Survey, start: Start, at: datetime, *, is_new: bool) -> None:
    """Set the marks. Mail over the old mark of a known folder is new mail still, and is answered as such."""
    taken_to = found.highest if is_new or row.uidvalidity != found.uidvalidity else row.last_uid
    row.uidvalidity = found.uidvalidity
    row.import_below, row.import_before = taken_to + 1, None
    row.last_uid = 0 if start.old else found.highest
    row.start_from = start.since if start.old else at
    row.stuck_uid = row.stuck_tries = 0
    if start.old:
        row.current_import = MailImport.objects.create(mailbox=row.mailbox, source=str(row)[:1000], started_at=at)
        # What an import that was taken back had brought may come again: its rows are another mail's from now on.
        again = InboundMail.objects.filter(mailbox=row.mailbox, fate=InboundMail.Fate.ROLLED_BACK)
        again.update(digest=Concat(Value("rolled back "), Cast("pk", CharField())))


def _tell(mailbox: Mailbox, actor: Actor, at: datetime, kind: type[MailboxEvent], row: ImapAccount) -> None:
    told = kind(address=mailbox.address, host=row.host, username=row.username, folder=row.folder)
    record(told, about=mailbox.pk, by=actor, at=at)
