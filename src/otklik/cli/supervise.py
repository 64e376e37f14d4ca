"""Supervisor of the processes of ``otklik up``: forks them, restarts those that die, stops all together."""

import contextlib
import gc
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.context import ForkProcess

from django.db import connections

from otklik.cli.bootstrap import reason
from otklik.cli.refusals import CliRefusal
from otklik.core.errors import UnableTo
from otklik.core.log_formatter import escaped
from otklik.core.processes import end_with_parent, rename
from otklik.core.shutdown_signals import SIGNALS, Stop

# A part that dies so often before it ever served is broken.
TRIES = 3
# Restarting is a cheap fork, so it is done soon: mail servers are waiting.
LONGEST_REST = 5.0
STEADY_SECONDS = 60.0
STOP_SECONDS = 7.0


class UnableToKeepRunning(UnableTo):
    """A part keeps ending while it starts."""


@dataclass
class Part:
    """A process: its work, and its state."""

    name: str
    work: Callable[[], None]
    process: ForkProcess | None = None
    started: float = 0.0
    failures: int = 0
    next_start: float = 0.0


@dataclass
class Supervisor:
    """The parts of one ``otklik up``. Call its methods from the main thread, whose death ends the parts."""

    parts: list[Part]
    served: bool = False
    _context: multiprocessing.context.ForkContext = field(default_factory=lambda: multiprocessing.get_context("fork"))

    def look_after(self) -> None:
        """Start parts that are due. Raises UnableToKeepRunning if one keeps dying before it served."""
        for part in self.parts:
            if part.process is not None and not part.process.is_alive():
                self._note_death(part, part.process)
            if part.process is None and time.monotonic() >= part.next_start:
                self._start(part)

    def stop(self, stop: Stop) -> None:
        """End all parts: SIGTERM first, SIGKILL after STOP_SECONDS or if `stop` becomes urgent. None is left."""
        running = [part.process for part in self.parts if part.process is not None]
        for process in running:
            process.terminate()
        end = time.monotonic() + STOP_SECONDS
        while any(process.is_alive() for process in running) and time.monotonic() < end and not stop.urgent:
            time.sleep(0.02)
        for process in running:
            _kill_group(process)

    def _start(self, part: Part) -> None:
        # Connections must not be shared by forked processes, and garbage collection would unshare memory.
        connections.close_all()
        gc.collect()
        gc.freeze()
        sys.stdout.flush()
        sys.stderr.flush()
        part.process = self._context.Process(target=_live, args=(part, os.getpid()), name=part.name)
        # Signals are blocked until the child has set its handlers.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            part.process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        part.started = time.monotonic()

    def _note_death(self, part: Part, process: ForkProcess) -> None:
        process.join()
        _kill_group(process)
        lived = time.monotonic() - part.started
        part.failures = 1 if lived > STEADY_SECONDS else part.failures + 1
        part.process = None
        if not self.served and part.failures >= TRIES:
            raise UnableToKeepRunning(
                CliRefusal.PART_KEEPS_ENDING, part=part.name, count=part.failures, end=_end_of(process)
            )
        rest = min(LONGEST_REST, 0.25 * 2**part.failures)
        part.next_start = time.monotonic() + rest
        say(f"{part.name} ended ({_end_of(process)}); starting it again in {rest:.1f} s")


def say(text: str) -> None:
    """Print a line about the parts on stderr."""
    sys.stderr.write(f"otklik: {escaped(text)}\n")
    sys.stderr.flush()


def _live(part: Part, parent: int) -> None:
    """Run a part in its process, in a process group of its own, so that Ctrl-C reaches only the parent."""
    os.setsid()
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    end_with_parent(parent)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    rename(f"otklik-{part.name}")
    try:
        part.work()
    except Exception as error:
        say(f"{part.name}: {reason(error)}")
        sys.exit(1)


def _kill_group(process: ForkProcess) -> None:
    """Kill the part if it still runs, and its children."""
    if process.pid is None:
        return
    # A child that has not created its group yet is killed alone.
    process.kill()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.join(1.0)


def _end_of(process: ForkProcess) -> str:
    code = process.exitcode or 0
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
