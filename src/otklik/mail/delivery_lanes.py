"""Delivery threads in separate lanes, so that one slow mail server does not hold back other mail.

A server may think for ten minutes about a mail (RFC 5321 section 4.5.3.2.6). The pump waits some seconds; then it
leaves that mail to its lane, which waits on, and goes on with a new connection. Nothing here holds a lock or
a transaction: what is under way is claimed by its row, and the claim is renewed.
"""

import queue
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from otklik.mail.outgoing_server import Server
from otklik.mail.smtp_connection import Refused, ServerUnavailable, SmtpConnection
from otklik.mail.smtp_refusals import Stage

Result = str | Refused | ServerUnavailable | Exception
# Limits in total and per domain, so that one slow domain cannot use them all.
MOST, MOST_OF_A_DOMAIN = 16, 2
_RENEW_SECONDS = 15.0


@dataclass
class Job:
    """A mail to hand over. When `done` is set, `result` is the server's reply or the exception."""

    sender: str
    plain: str
    recipient: str
    raw: bytes
    result: Result | None = None
    done: threading.Event = field(default_factory=threading.Event)


class Lane:
    """A connection and the thread that uses it, one mail at a time."""

    def __init__(self, server: Server) -> None:
        self.connection = SmtpConnection(server)
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._job: Job | None = None
        threading.Thread(target=self._run, name="lane", daemon=True).start()

    @property
    def is_busy(self) -> bool:
        """Whether a mail is being sent."""
        return self._job is not None and not self._job.done.is_set()

    @property
    def is_opening(self) -> bool:
        """Whether the connection is still being opened."""
        return self.is_busy and self.connection.stage == Stage.OPEN

    def begin(self, job: Job) -> None:
        """Start sending a mail."""
        self._job, self.connection.stage = job, Stage.OPEN
        self._jobs.put(job)

    def end(self) -> None:
        """Close the connection after the current mail."""
        self._jobs.put(None)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job.result = self.connection.send(job.sender, job.recipient, job.raw, job.plain)
            except Exception as error:
                job.result = error
            job.done.set()
        self.connection.close()


class Slow:
    """The mails of this process for which servers take long."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._domains: Counter[str] = Counter()
        self._mails: set[int] = set()

    def is_full(self) -> bool:
        """Return whether no more slow mails may be waited for."""
        with self._lock:
            return len(self._mails) >= MOST

    def is_full_for(self, domain: str) -> bool:
        """Return whether enough slow mails to this domain are waited for."""
        with self._lock:
            return self._domains[domain] >= MOST_OF_A_DOMAIN

    def mails(self) -> set[int]:
        """Return the ids of the slow mails."""
        with self._lock:
            return set(self._mails)

    def watch(
        self, mail_id: int, domain: str, job: Job, renew: Callable[[], None], settle: Callable[[Result], None]
    ) -> None:
        """Wait for the job in a thread, calling `renew` periodically, and `settle` with the result."""
        with self._lock:
            self._mails.add(mail_id)
            self._domains[domain] += 1

        def wait() -> None:
            try:
                while not job.done.wait(_RENEW_SECONDS):
                    renew()
                assert job.result is not None
                settle(job.result)
            finally:
                with self._lock:
                    self._mails.discard(mail_id)
                    self._domains[domain] -= 1

        threading.Thread(target=wait, name=f"slow mail {mail_id}", daemon=True).start()
