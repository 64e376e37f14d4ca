"""Configure, pause and remove the IMAP accounts that mail is fetched from."""

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
    """No folder is fetched for this address."""


@dataclass(frozen=True, slots=True)
class Start:
    """Which mail of a folder to take. `old`: also existing mail, from `since` on if set."""

    old: bool = False
    since: datetime | None = None


def keep_account(
    *, actor: Actor, at: datetime, account: ImapAccount, survey: Survey, start: Start | None
) -> tuple[ImapAccount, bool]:
    """Start fetching a folder, or change how a known one is fetched. Returns (saved account, whether it is new).

    `account`: unsaved; `survey`: a fresh survey of its folder. `start`: which mail to take; None takes only new mail
    from a new folder, and continues a known one where it was. Old mail is imported without automatic replies. Unpauses
    the account and forgets its failures.
    """
    with transaction.atomic():
        same = {name: getattr(account, name) for name in ("mailbox", "host", "username", "folder")}
        known = lock_first(ImapAccount.objects.filter(**same))
        stored = known or account
        if known is not None:
            for name in ("port", "security", "auth", "secret", "after"):
                setattr(stored, name, getattr(account, name))
        stored.paused, stored.failures, stored.retry_at, stored.changed_at = False, 0, None, at
        if known is None or start is not None:
            _begin(stored, survey, start or Start(), at, is_new=known is None)
        stored.save()
        _tell(stored.mailbox, actor, at, MailboxReconfigured if known else MailboxAdded, stored)
    return stored, known is None


def remove_accounts(*, actor: Actor, at: datetime, mailbox: Mailbox) -> int:
    """Stop fetching for this address; returns the number of folders. Mail already taken stays, here and on the server.

    Raises UnableToChangeMailbox if none is fetched.
    """
    with transaction.atomic():
        rows = lock_all(ImapAccount.objects.filter(mailbox=mailbox).order_by("pk"))
        if not rows:
            raise UnableToChangeMailbox(MailRefusal.NOT_FETCHED, address=mailbox.address)
        for account in rows:
            _tell(mailbox, actor, at, MailboxRemoved, account)
            account.delete()
    return len(rows)


def pause_accounts(*, actor: Actor, at: datetime, mailbox: Mailbox, paused: bool) -> int:
    """Pause the folders of this address, or resume them where they were; returns the number of folders.

    Raises UnableToChangeMailbox if none is fetched.
    """
    with transaction.atomic():
        rows = lock_all(ImapAccount.objects.filter(mailbox=mailbox).order_by("pk"))
        if not rows:
            raise UnableToChangeMailbox(MailRefusal.NOT_FETCHED, address=mailbox.address)
        for account in rows:
            account.paused, account.changed_at, account.retry_at, account.failures = paused, at, None, 0
            account.save(update_fields=["paused", "changed_at", "retry_at", "failures"])
            _tell(mailbox, actor, at, MailboxPaused if paused else MailboxResumed, account)
    return len(rows)


def _begin(account: ImapAccount, survey: Survey, start: Start, at: datetime, *, is_new: bool) -> None:
    """Set the marks for `start`. In a known folder, mail above its old mark still counts as new and is answered."""
    taken_to = survey.highest if is_new or account.uidvalidity != survey.uidvalidity else account.last_uid
    account.uidvalidity = survey.uidvalidity
    account.import_below, account.import_before = taken_to + 1, None
    account.last_uid = 0 if start.old else survey.highest
    account.start_from = start.since if start.old else at
    account.stuck_uid = account.stuck_tries = 0
    if start.old:
        account.current_import = MailImport.objects.create(
            mailbox=account.mailbox, source=str(account)[:1000], started_at=at
        )
        # Mail of an import that was rolled back may come again: change the old digests so that it is no duplicate.
        again = InboundMail.objects.filter(mailbox=account.mailbox, fate=InboundMail.Fate.ROLLED_BACK)
        again.update(digest=Concat(Value("rolled back "), Cast("pk", CharField())))


def _tell(mailbox: Mailbox, actor: Actor, at: datetime, kind: type[MailboxEvent], account: ImapAccount) -> None:
    event = kind(address=mailbox.address, host=account.host, username=account.username, folder=account.folder)
    record(event, about=mailbox.pk, by=actor, at=at)
