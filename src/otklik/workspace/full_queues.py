"""Remember full queues, whose exact number a page does not show, so that they are not counted each time (ADR 140)."""

import time
from collections.abc import Callable, Iterable

from otklik.workspace.queue_reads import QueueRead

SECONDS = 20
_MOST = 5_000
_Key = tuple[int, tuple[int, ...], str]


class FullQueues:
    """The queues of each person that were full when this process last counted them.

    All queues of a person expire together, so that counting them again takes two statements, not one per set of queues.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[int, tuple[float, frozenset[_Key]]] = {}

    def among(self, person: int, queues: Iterable[QueueRead]) -> list[QueueRead]:
        """Return those of `queues` that need not be counted for this person now."""
        until, keys = self._known.get(person, (0.0, frozenset[_Key]()))
        return [queue for queue in queues if _key(queue) in keys] if until > self._clock() else []

    def note(self, person: int, queues: Iterable[QueueRead]) -> None:
        """Record the full queues after all queues of this person were counted; they are not counted for SECONDS."""
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[person] = (self._clock() + SECONDS, frozenset(map(_key, queues)))

    def forget(self) -> None:
        """Clear the record, so that everything is counted again; for tests."""
        self._known.clear()


def _key(queue: QueueRead) -> _Key:
    """Return what the queue's content depends on, besides the person."""
    return queue.id, queue.desks, queue.jql


FULL = FullQueues()
