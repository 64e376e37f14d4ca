"""The thread that fetches mail from one IMAP account.

Takes the account's lock, connects, scans the folder, waits for news, scans again; backs off after a failure.
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db import Error as DatabaseError
from django.db import close_old_connections, connection
from django.utils import timezone

from otklik.core.due_times import is_ahead
from otklik.core.errors import UnableTo
from otklik.mail.imap.connection import Link, linked
from otklik.mail.imap.errors import LoginRefused
from otklik.mail.imap.folder_scan import Look, Taken
from otklik.mail.imap.oauth import Tokens
from otklik.mail.models import ImapAccount

log = logging.getLogger("otklik.imap")

# The folder is scanned this often even if IDLE reports nothing, or the server has no IDLE.
POLL_SECONDS = 60.0
_TURN_SECONDS = 3.0
_LOCK_KIND = 0x494D4150
# Refused logins back off further, so that the server does not lock the account (RL-20).
_AUTH_REST, _LONGEST_AUTH_REST = timedelta(minutes=1), timedelta(minutes=15)
_REST, _LONGEST_REST = timedelta(seconds=5), timedelta(minutes=5)


def rest_after(failures: int, *, auth: bool) -> timedelta:
    """How long to leave the server alone after the nth failure in a row; `auth`: the failure was a refused login."""
    first, longest = (_AUTH_REST, _LONGEST_AUTH_REST) if auth else (_REST, _LONGEST_REST)
    return min(first * int(2 ** min(failures - 1, 12)), longest)


class AccountWorker(threading.Thread):
    """Fetches from one account until told to end.

    `changed_at`: the version of the account's row that it was started for; the fetcher replaces it when that changes.
    """

    def __init__(self, account_id: int, changed_at: datetime) -> None:
        super().__init__(name=f"imap-{account_id}", daemon=True)
        self.account_id, self.changed_at = account_id, changed_at
        self._ending = threading.Event()
        self._link: Link | None = None
        self._tokens = Tokens()

    def end(self) -> None:
        """Ask the thread to finish the current mail and return. Does not wait for it."""
        self._ending.set()

    def cut(self) -> None:
        """Break the connection, so that a call that waits for the server fails at once."""
        if self._link is not None:
            self._link.cut()

    def busy_for(self) -> float:
        """Seconds since the current IMAP command was sent; 0.0 if none is running."""
        return self._link.busy_for() if self._link is not None else 0.0

    def run(self) -> None:
        """Fetch until told to end; after any error pause, for up to 30 seconds, and start over."""
        rest = 1.0
        while not self._ending.is_set():
            try:
                close_old_connections()
                pause = self._begin()
                rest = 1.0
            except Exception:
                log.exception("account %s was not attended to", self.account_id)
                with contextlib.suppress(DatabaseError):
                    connection.close()
                pause, rest = rest, min(rest * 2, 30.0)
            self._ending.wait(pause)
        connection.close()

    def look_once(self) -> str:
        """Scan the folder once, without waiting for more. Returns what went wrong, "" for nothing.

        An account that is backing off after a failure is not contacted.
        """
        account = _load(self.account_id)
        if account is None or account.paused:
            return ""
        if (left := _rest_left(account)) > 0:
            return f"resting {left:.0f} s more after: {account.last_error}"
        with turn(account.pk) as mine:
            return self._session(account, stay=False) if mine else "another process is attending to it"

    def _begin(self) -> float:
        """Run one session with the server if one is due; returns the seconds to wait before the next."""
        account = _load(self.account_id)
        if account is None:
            return _TURN_SECONDS
        if (left := _rest_left(account)) > 0:
            return left
        with turn(account.pk) as mine:
            if not mine:
                return _TURN_SECONDS
            self._session(account, stay=True)
        return 0.0

    def _session(self, account: ImapAccount, *, stay: bool) -> str:
        try:
            with linked(account, self._tokens) as link:
                self._link = link
                try:
                    self._look_and_wait(account, link, stay=stay)
                finally:
                    self._link = None
        except UnableTo as trouble:
            if self._ending.is_set():
                return ""
            note_failure(account, trouble, timezone.now())
            return str(trouble)
        return ""

    def _look_and_wait(self, account: ImapAccount, link: Link, *, stay: bool) -> None:
        over: Callable[[], bool] = self._ending.is_set
        while True:
            taken = Look(account, link, over).take()
            if over():
                return
            note_success(account, taken, timezone.now())
            if not stay:
                return
            link.wait(POLL_SECONDS, over)
            if over():
                return


@contextlib.contextmanager
def turn(account_id: int) -> Iterator[bool]:
    """Try to lock the account for the block; yields whether this process got it (RL-09).

    Only one process in the cluster has it at a time. It is an advisory lock of the database connection: if the
    fetcher dies, another can take over at once.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK_KIND, account_id])
        (mine,) = cursor.fetchone()
    try:
        yield bool(mine)
    finally:
        if mine:
            with contextlib.suppress(DatabaseError), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK_KIND, account_id])


def note_success(account: ImapAccount, taken: Taken, at: datetime) -> None:
    """Record that the folder was scanned to its end: failures are forgotten, a complaint is kept."""
    if account.failures:
        log.info("%s: works again", account)
    account.failures, account.retry_at, account.last_ok_at, account.last_error = 0, None, at, taken.complaint[:1000]
    account.save(update_fields=["failures", "retry_at", "last_ok_at", "last_error"])


def note_failure(account: ImapAccount, trouble: UnableTo, at: datetime) -> None:
    """Record what is wrong, for admins to read, and when the account is tried again; logs a warning."""
    account.failures = min(account.failures + 1, 10_000)
    rest = rest_after(account.failures, auth=isinstance(trouble, LoginRefused))
    account.last_error, account.last_error_at = str(trouble)[:1000].replace("\0", ""), at
    account.retry_at = at + rest
    account.save(update_fields=["failures", "last_error", "last_error_at", "retry_at"])
    log.warning("%s: %s; trying again in %d s", account, trouble, rest.total_seconds())


def _load(account_id: int) -> ImapAccount | None:
    return ImapAccount.objects.select_related("mailbox").filter(pk=account_id).first()


def _rest_left(account: ImapAccount) -> float:
    now = timezone.now()
    if account.retry_at is None or is_ahead(account.last_error_at, now):
        return 0.0
    return (account.retry_at - now).total_seconds()
