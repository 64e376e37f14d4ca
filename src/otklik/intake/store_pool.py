"""The thread pool that stores mails from SMTP and LMTP connections."""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Self, TypeVar

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from otklik.core.disk_space import is_short
from otklik.intake.connection_limits import Connections
from otklik.mail.inbox import AddressBook, Offered, accept_all
from otklik.mail.models import Mailbox

log = logging.getLogger("otklik.intake")
T = TypeVar("T")

STORED = "250 2.6.0 Stored"
UNKNOWN = "550 5.1.1 No such mailbox here"
TRY_LATER = "451 4.3.0 The database is away, try again later"
DISK_LOW = "452 4.3.1 Not enough room on the disk, try again later"

# Mails that arrive during a commit share the next one. Two writers, so that a large mail does not block others.
_WRITERS = 2
_THREADS = _WRITERS + 1
_MOST_MAILS, _MOST_BYTES = 100, 4 * 1024 * 1024

Waiting = tuple[Offered, "asyncio.Future[None]"]


class Reception:
    """Looks up addresses and stores mails, in a few threads with a database connection each."""

    def __init__(self) -> None:
        self.sessions = Connections(settings.TRUSTED_RELAYS)
        self.stopping = False
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="intake")
        self._connections: dict[int, BaseDatabaseWrapper] = {}
        self._book = AddressBook()
        self._looked_at, self._low = 0.0, False
        self._waiting: deque[Waiting] = deque()
        self._writing: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()
        for link in self._connections.values():
            # Close psycopg's connection: Django's wrapper may not be closed by another thread.
            if link.connection is not None:
                link.connection.close()

    async def mailbox(self, recipient: str) -> Mailbox | str:
        """Return the mailbox, or the reply that rejects the recipient."""
        if self.disk_is_low():
            return DISK_LOW
        known = self._book.recalled(recipient)
        if known is not None:
            return known
        try:
            return await self._run(lambda: self._book.looked_up(recipient)) or UNKNOWN
        except DatabaseError:
            log.warning("recipient not looked up", exc_info=True)
            return TRY_LATER

    async def store(self, raw: bytes, box: Mailbox, envelope: tuple[str, str], transport: str) -> str:
        """Store the mail and return the reply for this recipient; 250 only after the commit."""
        if self.disk_is_low():
            return DISK_LOW
        stored = asyncio.get_running_loop().create_future()
        self._waiting.append((Offered(raw, box, transport, *envelope, at=timezone.now()), stored))
        self._write_on()
        try:
            await stored
        except Exception:
            # Whatever went wrong, the sender keeps the mail and comes again.
            log.exception("a mail was not stored")
            return TRY_LATER
        return STORED

    def disk_is_low(self) -> bool:
        """Return whether less than 500 MiB, or 5 % of a small disk, is free. Checked once a second."""
        if time.monotonic() - self._looked_at > 1:
            self._low = is_short(settings.HOME)
            self._looked_at = time.monotonic()
        return self._low

    def _write_on(self) -> None:
        while self._waiting and len(self._writing) < _WRITERS:
            task = asyncio.get_running_loop().create_task(self._write(self._taken()))
            self._writing.add(task)
            task.add_done_callback(self._written)

    def _written(self, task: asyncio.Task[None]) -> None:
        self._writing.discard(task)
        self._write_on()

    def _taken(self) -> list[Waiting]:
        """Take the mails that waited longest, at least one, up to a size that is written quickly."""
        taken, size = [self._waiting.popleft()], 0
        while self._waiting and len(taken) < _MOST_MAILS:
            size += len(taken[-1][0].raw)
            if size + len(self._waiting[0][0].raw) > _MOST_BYTES:
                break
            taken.append(self._waiting.popleft())
        return taken

    async def _write(self, waiting: list[Waiting]) -> None:
        try:
            troubles = await self._run(lambda: _troubles([offered for offered, _ in waiting]))
        except Exception as error:
            troubles = [error] * len(waiting)
        for (_, stored), trouble in zip(waiting, troubles, strict=True):
            # The client may have disconnected meanwhile.
            if stored.done():
                continue
            if trouble is None:
                stored.set_result(None)
            else:
                stored.set_exception(trouble)

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._in_thread, work)

    def _in_thread(self, work: Callable[[], T]) -> T:
        """Run the work, repeating it with a new connection if the old one was broken: it is idempotent."""
        try:
            return work()
        except (OperationalError, InterfaceError):
            connections["default"].close()
            return work()
        finally:
            self._connections[threading.get_ident()] = connections["default"]


def _troubles(offered: Sequence[Offered]) -> list[Exception | None]:
    """Store all mails together, or each alone if that fails; return the error of each, or None.

    Raises OperationalError and InterfaceError of the first attempt, which concern the database, not a mail.
    """
    try:
        accept_all(offered)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        if len(offered) == 1:
            return [error]
        return [trouble for offer in offered for trouble in _troubles([offer])]
    return [None] * len(offered)
