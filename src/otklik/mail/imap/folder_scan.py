"""Scan a folder: take every mail above the high-water mark, each exactly once."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from otklik.core.disk_space import is_short
from otklik.core.fault_points import faultpoint
from otklik.core.transient_errors import is_transient
from otklik.mail.imap.connection import Fact, Folder, Link
from otklik.mail.imap.errors import ImapTrouble, ServerRefused
from otklik.mail.inbox import accept
from otklik.mail.models import ImapAccount
from otklik.mail.refusals import MailRefusal

log = logging.getLogger("otklik.imap")

LEAVE, SEEN, MOVE = "leave", "seen", "move:"
# Bytes that are taken of a mail that exceeds the size limit (RL-14).
BEGINNING = 256 * 1024
# Attempts at a mail that cannot be fetched or stored; after that only its beginning, or a note, is taken.
TRIES = 5
_MARGIN, _CLOCKS_APART = timedelta(days=1), timedelta(hours=1)
_DATE = re.compile(rb"^date:[ \t]*([^\r\n]{1,80})", re.IGNORECASE | re.MULTILINE)
_RETURN_PATH = re.compile(rb"^return-path:[ \t]*<([^>\r\n]{0,500})>", re.IGNORECASE | re.MULTILINE)


class NoRoom(ImapTrouble):
    """Our disk is nearly full, so mail is left on the server (RL-11)."""


@dataclass
class Taken:
    """The result of a scan. `mails`: how many were taken; `complaint`: why the `after` action failed, or ""."""

    mails: int = 0
    complaint: str = ""


@dataclass
class Look:
    """One scan of an account's folder. `over`: asked before each mail whether to stop early."""

    account: ImapAccount
    link: Link
    over: Callable[[], bool]
    taken: Taken = field(default_factory=Taken)

    def take(self) -> Taken:
        """Take all new mail.

        The mark moves after each commit, so that an interruption neither loses nor doubles a mail. Ignores \\Seen,
        which other programs set (RL-19). Raises ImapTrouble; mails taken before that stay taken.
        """
        folder = self.link.select(self.account.folder, readonly=self.account.after == LEAVE)
        self._know(folder)
        highest = folder.uidnext - 1 if folder.uidnext else self.link.highest_uid()
        for window in self.link.windows(self.account.last_uid, highest):
            facts = self.link.facts(window)
            for uid in window:
                if self.over():
                    return self.taken
                self._look_at(uid, facts.get(uid))
            self._write_mark(window[-1])
        return self.taken

    def _know(self, folder: Folder) -> None:
        """Reset the marks if UIDVALIDITY has changed, as every mail then has a new UID (RFC 3501, 2.3.1.1).

        Mails taken before are recognised by their digest (RL-07). Others are treated as an import, without automatic
        replies, unless they came since the last scan.
        """
        account = self.account
        if folder.uidvalidity == account.uidvalidity:
            return
        if account.uidvalidity:
            log.warning("%s: the server numbers the mails anew; looking through all of them again", account)
        importing = account.import_before is None and account.last_uid + 1 < account.import_below
        account.import_before = None if importing else (account.last_ok_at or account.created_at) - _MARGIN
        account.import_below = folder.uidnext or self.link.highest_uid() + 1
        account.uidvalidity, account.last_uid = folder.uidvalidity, 0
        account.stuck_uid = account.stuck_tries = 0
        account.save(
            update_fields=["import_before", "import_below", "uidvalidity", "last_uid", "stuck_uid", "stuck_tries"]
        )

    def _look_at(self, uid: int, fact: Fact | None) -> None:
        if fact is None or self._is_left_alone(uid, fact):
            return
        _check_room()
        fetched = self._fetched_or_part(uid, fact)
        if fetched is None:
            return
        raw, full_size = fetched
        faultpoint("after_fetch")
        full_size = self._stored(uid, fact, raw, full_size)
        self.taken.mails += 1
        self._write_mark(uid, offered=1)
        faultpoint("after_mark")
        if full_size is None:
            self._afterwards(uid)
        faultpoint("after_ack")

    def _stored(self, uid: int, fact: Fact, raw: bytes, full_size: int | None) -> int | None:
        """Store the mail; returns None if it is stored whole, else its full size.

        If storing fails other than for a transient reason, raises ImapTrouble for TRIES scans, then stores a note
        instead.
        """
        try:
            self._accept(uid, fact, raw, full_size)
        except Exception as error:
            if is_transient(error):
                raise
            if self.account.stuck_uid != uid or self.account.stuck_tries < TRIES:
                self._note_stuck(uid)
                raise ImapTrouble(
                    MailRefusal.IMAP_MAIL_NOT_STORED, uid=uid, error=" ".join(str(error).split())[:300]
                ) from error
            log.exception("%s: mail %d cannot be stored; a note of it is", self.account, uid)
            self._accept(uid, fact, self._in_its_place(uid), fact.size)
            return fact.size
        return full_size

    def _accept(self, uid: int, fact: Fact, raw: bytes, full_size: int | None) -> None:
        imported = self._is_import(uid, fact, raw)
        accept(
            raw=raw,
            mailbox=self.account.mailbox,
            transport="imap",
            envelope_from=_return_path(raw),
            envelope_to=self.account.mailbox.address,
            at=timezone.now(),
            imported=imported,
            import_run=self.account.current_import_id if imported else None,
            full_size=full_size,
        )

    def _is_left_alone(self, uid: int, fact: Fact) -> bool:
        """Whether the mail is older than the account's start. If clock skew makes that doubtful, it is taken."""
        start = self.account.start_from
        return uid < self.account.import_below and start is not None and fact.came < start - _CLOCKS_APART

    def _is_import(self, uid: int, fact: Fact, raw: bytes) -> bool:
        if uid >= self.account.import_below:
            return False
        before, start = self.account.import_before, self.account.start_from
        if before is None or (start is not None and fact.came < start):
            return True
        return min(fact.came, _date(raw) or fact.came) < before

    def _fetched_or_part(self, uid: int, fact: Fact) -> tuple[bytes, int | None] | None:
        """(bytes, None), or (beginning, full size) of a mail over the limit; None if it is gone."""
        if self.account.stuck_uid == uid and self.account.stuck_tries >= TRIES:
            return self._what_can_be_had(uid, fact)
        try:
            return self._fetched(uid, fact)
        except ImapTrouble:
            self._note_stuck(uid)
            raise

    def _fetched(self, uid: int, fact: Fact) -> tuple[bytes, int | None] | None:
        limit = settings.MAIL_SIZE_LIMIT
        if fact.size > limit:
            beginning = self.link.beginning(uid, BEGINNING)
            return None if beginning is None else (beginning, fact.size)
        raw = self.link.whole(uid)
        if raw is None:
            return None
        # Some servers only estimate the size. If a second fetch gives the same bytes, they are complete (RL-05).
        if len(raw) != fact.size and self.link.whole(uid) != raw:
            raise ImapTrouble(MailRefusal.IMAP_MAIL_INCOMPLETE, uid=uid)
        return (raw, None) if len(raw) <= limit else (raw[:BEGINNING], len(raw))

    def _what_can_be_had(self, uid: int, fact: Fact) -> tuple[bytes, int | None]:
        """Whatever can be fetched of a mail that cannot be fetched whole, or a note, so that people know of it."""
        log.warning("%s: mail %d cannot be fetched; taking what can be had of it", self.account, uid)
        for what in ("beginning", "head"):
            try:
                raw = self.link.beginning(uid, BEGINNING) if what == "beginning" else self.link.head(uid)
            except ServerRefused:
                continue
            if raw:
                return raw, fact.size
        return self._in_its_place(uid), fact.size

    def _in_its_place(self, uid: int) -> bytes:
        folder = self.account.folder.encode("ascii", "replace").decode()
        return f"Subject: Mail {uid} in {folder} at {self.account.host}\r\n\r\n".encode()

    def _note_stuck(self, uid: int) -> None:
        account = self.account
        account.stuck_tries = account.stuck_tries + 1 if account.stuck_uid == uid else 1
        account.stuck_uid = uid
        account.save(update_fields=["stuck_uid", "stuck_tries"])

    def _write_mark(self, uid: int, offered: int = 0) -> None:
        """Raise the mark, never lower it, and only while UIDVALIDITY is still the one that the UID belongs to."""
        account = self.account
        rows = ImapAccount.objects.filter(pk=account.pk, uidvalidity=account.uidvalidity, last_uid__lt=uid)
        rows.update(last_uid=uid, offered=F("offered") + offered, stuck_uid=0, stuck_tries=0)
        account.last_uid = max(account.last_uid, uid)

    def _afterwards(self, uid: int) -> None:
        """Carry out the account's `after` action on a stored mail. If the server refuses, only a complaint is noted."""
        after = self.account.after
        try:
            if after == SEEN:
                self.link.mark_seen(uid)
            elif after.startswith(MOVE):
                self.link.move(uid, after.removeprefix(MOVE))
        except ServerRefused as refusal:
            self.taken.complaint = f"mails are taken, but «{after}» cannot be done: {refusal}"
            log.warning("%s: %s", self.account, self.taken.complaint)


def _check_room() -> None:
    if is_short(settings.HOME):
        raise NoRoom(MailRefusal.IMAP_NO_ROOM)


def _return_path(raw: bytes) -> str:
    """The envelope sender from Return-Path: "<>" for the null sender, "" if the server wrote no such field."""
    match = _RETURN_PATH.search(_head(raw))
    return "" if match is None else match.group(1).decode("utf-8", "replace") or "<>"


def _date(raw: bytes) -> datetime | None:
    match = _DATE.search(_head(raw))
    try:
        date = parsedate_to_datetime(match.group(1).decode("ascii", "replace")) if match else None
        return date.replace(tzinfo=date.tzinfo or UTC).astimezone(UTC) if date else None
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _head(raw: bytes) -> bytes:
    """The header of a mail, from its first 64 KiB."""
    return re.split(rb"\r?\n\r?\n", raw[: 64 * 1024], maxsplit=1)[0]
