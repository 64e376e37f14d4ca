"""A stop event that is set by SIGTERM, SIGINT and SIGHUP."""

import os
import select
import signal
import threading
from types import FrameType
from typing import TypeVar

S = TypeVar("S", bound="Stop")
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Stop(threading.Event):
    """An event that may be set from a signal handler. It cannot be cleared.

    `threading.Event` must not be set there: the handler runs in the main thread, possibly while that holds the event's
    lock, and would deadlock. This one sets a counter and writes a byte to a pipe that nobody reads, so that all waiters
    wake.
    """

    def __init__(self) -> None:
        super().__init__()
        self._times = 0
        self._seen, self._tell = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)

    @property
    def urgent(self) -> bool:
        """Whether it was set more than once: do not wait for a graceful end."""
        return self._times > 1

    def set(self) -> None:
        self._times += 1
        if self._times <= 2:
            os.write(self._tell, b".")

    def is_set(self) -> bool:
        return self._times > 0

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, for `timeout` seconds at most; return whether it is."""
        if not self.is_set():
            poll = select.poll()
            poll.register(self._seen, select.POLLIN)
            poll.poll(None if timeout is None else max(0.0, timeout) * 1000)
        return self.is_set()

    def clear(self) -> None:
        raise NotImplementedError("who was told to end ends")


class StartingStop(Stop):
    """A Stop for programs with a long start that does not check it: a second signal then raises KeyboardInterrupt once.

    Work that must not be interrupted comes after `orderly` or after that KeyboardInterrupt.
    """

    def __init__(self) -> None:
        super().__init__()
        self._may_break = True

    def orderly(self) -> None:
        """Raise no KeyboardInterrupt from now on: the program checks the event itself."""
        self._may_break = False

    def set(self) -> None:
        """Raises KeyboardInterrupt at the second call, unless `orderly` was called before."""
        super().set()
        if self.urgent and self._may_break:
            self._may_break = False
            raise KeyboardInterrupt


def on_signals(stop: S) -> S:
    """Install handlers that set `stop` on SIGTERM, SIGINT and SIGHUP; return it. Call from the main thread."""

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in SIGNALS:
        signal.signal(number, handle)
    return stop
