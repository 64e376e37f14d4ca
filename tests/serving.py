"""Tracks requests that the live server still answers when a test ends: a closed tab leaves its last ones behind.

What they write after the tables were emptied would reach the next test, and their locks would cause deadlocks.
"""

import threading
import time
from collections import Counter

from django.core.signals import request_finished, request_started

MOST_SECONDS = 20.0
_serving: Counter[threading.Thread] = Counter()


def _begin(**_: object) -> None:
    _serving[threading.current_thread()] += 1


def _end(**_: object) -> None:
    _serving[threading.current_thread()] -= 1


def in_flight() -> int:
    """Return the number of requests being answered by other threads."""
    here = threading.current_thread()
    return sum(1 for thread, count in list(_serving.items()) if count > 0 and thread is not here and thread.is_alive())


def wait_until_answered(most_seconds: float = MOST_SECONDS) -> None:
    """Wait until no other thread answers a request, at most `most_seconds`."""
    until = time.monotonic() + most_seconds
    while in_flight() and time.monotonic() < until:
        time.sleep(0.01)
    for thread in [thread for thread in list(_serving) if not thread.is_alive()]:
        del _serving[thread]


request_started.connect(_begin)
request_finished.connect(_end)
