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
    """An event that a signal handler may set.

    A plain `threading.Event` must not be set there: the handler runs in the main thread between any two steps, also
    while that holds the event's own lock, which a second signal then waits for for ever. Here setting is one number
    and one byte in a pipe that nobody reads, so all who wait see it. Nothing is ever cleared.
    """

    def __init__(self) -> None:
        super().__init__()
        self._times = 0
        self._seen, self._tell = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)

    @property
    def urgent(self) -> bool:
        """It was asked for more than once: whoever waits for a gentle end shall not."""
        return self._times > 1

    def set(self) -> None:
        self._times += 1
        if self._times <= 2:
            os.write(self._tell, b".")

    def is_set(self) -> bool:
        return self._times > 0

    def wait(self, timeout: float | None = None) -> bool:
        """Whether it was set, at once or within `timeout` seconds."""
        if not self.is_set():
            poll = select.poll()
            poll.register(self._seen, select.POLLIN)
            poll.poll(None if timeout is None else max(0.0, timeout) * 1000)
        return self.is_set()

    def clear(self) -> None:
        raise NotImplementedError("who was told to end ends")


class StartingStop(Stop):
    """The same for a program that begins with long work that looks at nothing: a second wish breaks that off, once.

    What must not be broken off, such as the end itself, comes after `orderly`, or after the one KeyboardInterrupt.
    """

    def __init__(self) -> None:
        super().__init__()
        self._may_break = True

    def orderly(self) -> None:
        """From now on whoever works looks at the event, and nothing is broken off any more."""
        self._may_break = False

    def set(self) -> None:
        """Raises KeyboardInterrupt at the second call, unless `orderly` was called before."""
        super().set()
        if self.urgent and self._may_break:
            self._may_break = False
            raise KeyboardInterrupt


def on_signals(stop: S) -> S:
    """Let SIGTERM, SIGINT and SIGHUP set it; gives it back. Call from the main thread."""

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in SIGNALS:
        signal.signal(number, handle)
    return stop
