"""The fetcher: runs one thread per IMAP account and follows changes of the accounts."""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from django.db import Error as DatabaseError
from django.db import close_old_connections, connection

from otklik.mail.imap.account_thread import AccountWorker
from otklik.mail.models import ImapAccount

log = logging.getLogger("otklik.imap")

LOOK_SECONDS = 2.0
# An IMAP command that takes longer than this counts as hung, even if bytes trickle in (RL-06).
LONGEST_COMMAND = 600.0
_GRACE_SECONDS, _CUT_SECONDS = 2.0, 2.0
_MOST_AT_ONCE = 8


def serve(stop: threading.Event) -> None:
    """Fetch from every account until `stop` is set; new and changed accounts are picked up within LOOK_SECONDS.

    Returns within about four seconds of `stop`: mails that cannot be finished by then stay on the server.
    """
    attendants: dict[int, AccountWorker] = {}
    while not stop.is_set():
        _watch(attendants)
        stop.wait(LOOK_SECONDS)
    _end(list(attendants.values()))
    connection.close()


def fetch_once() -> dict[str, str]:
    """Scan the folder of every account that is not paused, once. Returns account -> what went wrong, "" for nothing."""
    accounts = list(ImapAccount.objects.filter(paused=False).order_by("pk"))
    with ThreadPoolExecutor(_MOST_AT_ONCE, thread_name_prefix="imap") as pool:
        return dict(zip(map(str, accounts), pool.map(_look, accounts), strict=True))


def _look(account: ImapAccount) -> str:
    try:
        return AccountWorker(account.pk, account.changed_at).look_once()
    except DatabaseError as error:
        return str(error)
    except Exception as error:
        # An unforeseen error of one account must not keep the others from being fetched.
        log.exception("account %s was not attended to", account.pk)
        return str(error) or type(error).__name__
    finally:
        connection.close()


def _watch(attendants: dict[int, AccountWorker]) -> None:
    try:
        close_old_connections()
        wanted = dict(ImapAccount.objects.filter(paused=False).values_list("pk", "changed_at"))
    except DatabaseError as error:
        log.warning("accounts not looked up: %s", error)
        connection.close()
        return
    for pk, attendant in list(attendants.items()):
        if attendant.changed_at != wanted.get(pk):
            attendant.end()
        if attendant.busy_for() > LONGEST_COMMAND:
            attendant.cut()
        if not attendant.is_alive():
            del attendants[pk]
    for pk, changed_at in wanted.items():
        if pk not in attendants:
            attendants[pk] = _started(pk, changed_at)


def _started(pk: int, changed_at: datetime) -> AccountWorker:
    attendant = AccountWorker(pk, changed_at)
    attendant.start()
    return attendant


def _end(attendants: list[AccountWorker]) -> None:
    for attendant in attendants:
        attendant.end()
    _join(attendants, _GRACE_SECONDS)
    for attendant in attendants:
        attendant.cut()
    _join(attendants, _CUT_SECONDS)


def _join(attendants: list[AccountWorker], seconds: float) -> None:
    end = time.monotonic() + seconds
    for attendant in attendants:
        attendant.join(max(0.0, end - time.monotonic()))
