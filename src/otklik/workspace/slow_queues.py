"""Which queues took too long to count of late: a page does not wait for them again for some minutes."""

import time
from collections.abc import Callable

from otklik.workspace.queue_reads import QueueRead

MINUTES = 5
_MOST = 5_000


class SlowQueues:
    """Queues not to count for a while, by person and text; per process. Forgetting one only costs another count."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[tuple[int, int, str], float] = {}

    def add(self, person: int, queue: QueueRead) -> None:
        """Do not count the queue for this person for MINUTES."""
        if len(self._until) >= _MOST:
            self._until.clear()
        self._until[person, queue.id, queue.jql] = self._clock() + MINUTES * 60

    def has(self, person: int, queue: QueueRead) -> bool:
        """Return whether the queue is not to be counted now."""
        until = self._until.get((person, queue.id, queue.jql))
        return until is not None and until > self._clock()

    def forget(self) -> None:
        """Clear everything; for tests."""
        self._until.clear()


SLOW = SlowQueues()
