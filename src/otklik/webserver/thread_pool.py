"""A thread pool for blocking work that keeps no idle threads, since each may hold a database connection."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

Result = TypeVar("Result")
_Job = tuple[Callable[[], Any], "asyncio.Future[Any]"]


class _Idle:
    """A thread that waits for its next job."""

    def __init__(self) -> None:
        self.called = threading.Event()
        self.job: _Job | None = None


class Threads:
    """Runs functions for an event loop, in the order of arrival.

    Normally `few` at once, because threads competing for the interpreter cost a fifth more per page; a job that waited
    `patience` seconds gets a further thread, up to `most`. The most recently used idle thread gets the next job,
    because its connection is warm; others end after `idle_seconds`.
    """

    def __init__(self, few: int, most: int, patience: float = 0.25, idle_seconds: float = 30.0) -> None:
        self._few, self._most, self._patience, self._idle_seconds = few, most, patience, idle_seconds
        self._lock = threading.Lock()
        self._jobs: deque[_Job] = deque()
        self._idle: list[_Idle] = []
        self._alive = 0

    async def run(self, work: Callable[[], Result]) -> Result:
        """Run `work` in a thread; return or raise its result."""
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        job = (work, done)
        if not self._give(job):
            done.get_loop().call_later(self._patience, self._relieve, job)
        return await done

    def _give(self, job: _Job) -> bool:
        """Assign the job to a thread if one is free; otherwise queue it and return False."""
        with self._lock:
            if self._idle:
                idle = self._idle.pop()
                idle.job = job
                idle.called.set()
            elif self._alive < self._few:
                self._begin(job)
            else:
                self._jobs.append(job)
                return False
        return True

    def _relieve(self, job: _Job) -> None:
        """Start a further thread if the job is still waiting."""
        with self._lock:
            if self._alive < self._most and job in self._jobs:
                self._begin(self._jobs[0])
                self._jobs.popleft()

    def _begin(self, job: _Job) -> None:
        # Daemon threads: the server waits for its requests as long as it may.
        threading.Thread(target=self._live, args=(job,), name="page", daemon=True).start()
        # Counted after the start, which may fail.
        self._alive += 1

    def _live(self, job: _Job | None) -> None:
        while job is not None:
            _do(*job)
            # Release the last response before waiting.
            del job
            job = self._next()

    def _next(self) -> _Job | None:
        """Return the next job, or None after `idle_seconds` without one, which ends the thread."""
        with self._lock:
            if self._jobs:
                return self._jobs.popleft()
            idle = _Idle()
            self._idle.append(idle)
        if idle.called.wait(self._idle_seconds):
            return idle.job
        with self._lock:
            if idle.job is None:
                self._idle.remove(idle)
                self._alive -= 1
            return idle.job


def _do(work: Callable[[], Any], done: "asyncio.Future[Any]") -> None:
    try:
        outcome: Any = work()
    except BaseException as error:  # the awaiting coroutine gets it
        done.get_loop().call_soon_threadsafe(_fail, done, error)
    else:
        done.get_loop().call_soon_threadsafe(_succeed, done, outcome)


def _succeed(done: "asyncio.Future[Any]", outcome: Any) -> None:
    if not done.cancelled():
        done.set_result(outcome)


def _fail(done: "asyncio.Future[Any]", error: BaseException) -> None:
    if not done.cancelled():
        # A future cannot raise StopIteration.
        done.set_exception(RuntimeError(repr(error)) if isinstance(error, StopIteration) else error)
