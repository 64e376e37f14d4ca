"""Pumps: threads that process the queue tables (docs/adr/0010).

A pump calls its step until that finds nothing to do, then waits for a wake-up or its polling interval. A step locks
rows with SKIP LOCKED and settles them in the same transaction (delivery of mail claims rows first and settles them
later). So a worker may die at any moment without losing or repeating work, and any number of workers can run side by
side.
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
"""The polling interval of a pump that worker.queue_polling wakes, in case a wake-up is missed."""
SWEEPS = Leadership("otklik sweeps")
"""Held by the one worker of the cluster that runs pumps with `once`."""
_REST_AFTER_ERROR = 1.0
_LONGEST_REST = 30.0


@dataclass(frozen=True, slots=True)
class Pump:
    """The description of a pump.

    `step`: does one piece of work and returns whether there was any. `topic`: the notification that wakes the pump.
    `once`: only one worker of the cluster runs it at a time. `waits`: cheaply tells whether there may be work;
    worker.queue_polling asks it for all pumps and wakes those concerned. Without it the pump polls by itself.
    """

    name: str
    topic: str
    step: Callable[[], bool]
    once: bool = False
    waits: Callable[[], object] | None = None


class PumpThread(threading.Thread):
    """Runs one pump until `stop` is set. The current step is finished first."""

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
                    # A pump without work to do should not hold a connection.
                    connection.close()
            except Exception:
                # An error must neither end the worker nor make the pump spin, so back off.
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
    """Wait for the threads to end, for `seconds` in total. Those still running then are left alone."""
    end = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
