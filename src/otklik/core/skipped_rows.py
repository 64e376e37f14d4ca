"""In-memory list of queue rows that could not be updated after a failure, so that they are skipped for a while."""

import time

_SECONDS = 3600.0


class PassedOver:
    """Which rows this process leaves alone, each for an hour. Threads share it; other processes find out themselves."""

    def __init__(self) -> None:
        self._until: dict[int, float] = {}

    def add(self, pk: int) -> None:
        """Pass over this row from now on."""
        self._until[pk] = time.monotonic() + _SECONDS

    def rows(self) -> list[int]:
        """The rows to pass over now."""
        now = time.monotonic()
        for pk, until in list(self._until.items()):
            if until <= now:
                self._until.pop(pk, None)
        return list(self._until)

    def clear(self) -> None:
        """Forget all rows that were passed over, so that each is tried again."""
        self._until.clear()
