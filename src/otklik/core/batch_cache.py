"""A read cache that lives as long as one batch of work.

Within `remembering()` a function marked `remembered` asks the database once for each set of arguments; outside it
asks every time. A batch is short, so what it remembers is as old as a transaction's other reads may be.
"""

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class _Local(threading.local):
    memory: dict[Hashable, Any] | None = None


_local = _Local()


@contextmanager
def remembering() -> Iterator[None]:
    """Cache the results of `remembered` functions in this thread until the block ends. In nested blocks the outermost
    one clears the cache."""
    if _local.memory is not None:
        yield
        return
    _local.memory = {}
    try:
        yield
    finally:
        _local.memory = None


class remembered(Generic[P, T]):  # noqa: N801  # a decorator
    """Decorator for reads whose result the batch itself does not change. Calls with keywords are not cached."""

    def __init__(self, read: Callable[P, T]) -> None:
        self._read = read
        update_wrapper(self, read)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        memory = _local.memory
        if memory is None or kwargs:
            return self._read(*args, **kwargs)
        key = (self, *args)
        if key not in memory:
            memory[key] = self._read(*args, **kwargs)
        value: T = memory[key]
        return value
