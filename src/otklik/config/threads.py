"""Threads for work that blocks: at most so many, none kept that has nothing to do (each may hold a connection)."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

Result = TypeVar("Result")
_Job = tuple[Callable[[], Any], "asyncio.Future[Any]"]


class Threads:
    """Runs functions for an event loop, begun in the order in which they came."""

    def __init__(self, most: int, idle_seconds: float = 30.0) -> None:
        self._most, self._idle_seconds = most, idle_seconds
        self._jobs: deque[_Job] = deque()
        self._turn = threading.Condition()
        self._alive = self._idle = 0

    async def run(self, work: Callable[[], Result]) -> Result:
        """What `work` returns or raises, done in one of the threads."""
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        with self._turn:
            self._jobs.append((work, done))
            if len(self._jobs) <= self._idle:
                self._turn.notify()
            elif self._alive < self._most:
                self._alive += 1
                # Nobody waits for them at the end: the server in front does, for as long as it may.
                threading.Thread(target=self._live, name="page", daemon=True).start()
        return await done

    def _live(self) -> None:
        while (job := self._next()) is not None:
            _do(*job)
            del job

    def _next(self) -> _Job | None:
        """The next job; none when there was none for long: then this thread ends."""
        with self._turn:
            while not self._jobs:
                self._idle += 1
                called = self._turn.wait(self._idle_seconds)
                self._idle -= 1
                if not called and not self._jobs:
                    self._alive -= 1
                    return None
            return self._jobs.popleft()


def _do(work: Callable[[], Any], done: "asyncio.Future[Any]") -> None:
    try:
        outcome: Any = work()
    except BaseException as error:  # it belongs to whoever awaits it
        done.get_loop().call_soon_threadsafe(_fail, done, error)
    else:
        done.get_loop().call_soon_threadsafe(_succeed, done, outcome)


def _succeed(done: "asyncio.Future[Any]", outcome: Any) -> None:
    if not done.cancelled():
        done.set_result(outcome)


def _fail(done: "asyncio.Future[Any]", error: BaseException) -> None:
    if not done.cancelled():
        # A future takes no StopIteration.
        done.set_exception(RuntimeError(repr(error)) if isinstance(error, StopIteration) else error)
