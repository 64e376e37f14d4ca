"""In-memory list of queue rows that could not be updated after a failure, so that they are skipped for a while."""

import time

_SECONDS = 3600.0


class PassedOver:
    """Ids of rows that this process skips for an hour each. Thread-safe; other processes have their own."""

    def __init__(self) -> None:
        self._until: dict[int, float] = {}

    def add(self, pk: int) -> None:
        """Skip this row for the next hour."""
        self._until[pk] = time.monotonic() + _SECONDS

    def rows(self) -> list[int]:
        """Return the ids to skip now."""
        now = time.monotonic()
        for pk, until in list(self._until.items()):
            if until <= now:
                self._until.pop(pk, None)
        return list(self._until)

    def clear(self) -> None:
        """Skip none any more."""
        self._until.clear()
