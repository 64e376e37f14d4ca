"""Which queues took too long to count of late: a page does not wait for them again for some minutes."""

import time
from collections.abc import Callable

from otklik.workspace.queue_reads import QueueRead

MINUTES = 5
_MOST = 5_000


class SlowQueues:
    """Of this process, by person and text; what is forgotten is only counted once more."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[tuple[int, int, str], float] = {}

    def add(self, person: int, queue: QueueRead) -> None:
        """Do not count it for this person for MINUTES."""
        if len(self._until) >= _MOST:
            self._until.clear()
        self._until[person, queue.id, queue.jql] = self._clock() + MINUTES * 60

    def has(self, person: int, queue: QueueRead) -> bool:
        """Whether it is not to be counted now."""
        until = self._until.get((person, queue.id, queue.jql))
        return until is not None and until > self._clock()

    def forget(self) -> None:
        """Count everything again; for tests."""
        self._until.clear()


SLOW = SlowQueues()
