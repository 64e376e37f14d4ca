"""Pumps: threads that empty the queues, which are rows (see docs/adr/0010).

A pump calls its step until the step finds nothing to do, then waits for a wake-up or a poll. A step claims rows with
SKIP LOCKED and settles them in the same transaction (mails that are sent: claims, then settles), so a worker that dies
at any moment loses and doubles nothing, and any number of workers may run beside each other.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import Error as DatabaseError
from django.db import close_old_connections, connection

from otklik.core.leadership import Leadership

log = logging.getLogger("otklik.worker")

POLL_SECONDS = 2.0
UNCALLED_SECONDS = 20.0
"""A pump for which somebody looks out looks itself when it was not called for so long."""
SWEEPS = Leadership("otklik sweeps")
"""What is swept hourly is swept by one worker, not by each of a cluster."""
_REST_AFTER_ERROR = 1.0
_LONGEST_REST = 30.0


@dataclass(frozen=True, slots=True)
class Pump:
    """`step` does one piece of work and returns whether it found any; `topic` is the wake-up that means it.

    `once`: of all workers that share the database, one at a time runs it. `waits` says whether there may be any: asked
    for all pumps by one thread of the process (worker.lookout), which calls; without it the pump looks itself.
    """

    name: str
    topic: str
    step: Callable[[], bool]
    once: bool = False
    waits: Callable[[], object] | None = None


class PumpThread(threading.Thread):
    """Runs one pump until `stop` is set; finishes the piece in hand first."""

    def __init__(self, pump: Pump, stop: threading.Event) -> None:
        super().__init__(name=f"pump-{pump.name}", daemon=True)
        self.pump = pump
        self._stopping = stop
        self._wake = threading.Event()

    def wake(self) -> None:
        """Make the pump look for work now instead of at its next interval. Safe from any thread."""
        self._wake.set()

    def run(self) -> None:
        rest, called = _REST_AFTER_ERROR, False
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                self._drain()
                rest = _REST_AFTER_ERROR
                if not called:
                    # Whoever is seldom called needs no connection meanwhile.
                    connection.close()
            except Exception:
                # One pump that stumbles must neither end the worker nor spin: it rests a little longer each time.
                log.exception("pump %s stumbled", self.pump.name)
                self._forget_connection()
                self._stopping.wait(rest)
                rest = min(rest * 2, _LONGEST_REST)
                continue
            called = self._wake.wait(POLL_SECONDS if self.pump.waits is None else UNCALLED_SECONDS)
        connection.close()

    def _drain(self) -> None:
        close_old_connections()
        while not self._stopping.is_set() and self._may_run() and self.pump.step():
            pass

    def _may_run(self) -> bool:
        return not self.pump.once or SWEEPS.is_mine()

    def _forget_connection(self) -> None:
        try:
            connection.close()
        except DatabaseError:
            log.debug("closing a broken connection failed", exc_info=True)


def wait_for(threads: list[PumpThread], seconds: float) -> None:
    """Join the pumps, `seconds` for all together."""
    end = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
