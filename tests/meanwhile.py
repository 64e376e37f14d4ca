"""Concurrent transactions in tests: a second connection that commits only when the test's own action waits for it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

_LIMIT = 30.0


@dataclass
class Meanwhile:
    """`waited`: whether somebody waited for a lock of the second connection before it committed."""

    waited: bool = False
    failure: BaseException | None = None


@contextmanager
def meanwhile(act: Callable[[], object]) -> Iterator[Meanwhile]:
    """Run the block while `act` is done in another connection's open transaction, which commits as soon as another
    connection waits for it, or else when the block ends."""
    seen, done_there, done_here = Meanwhile(), threading.Event(), threading.Event()

    def second() -> None:
        try:
            with transaction.atomic():
                act()
                done_there.set()
                seen.waited = _somebody_waits(done_here)
        except BaseException as error:
            seen.failure = error
        finally:
            done_there.set()
            connection.close()

    thread = threading.Thread(target=second)
    thread.start()
    try:
        assert done_there.wait(_LIMIT)
        yield seen
    finally:
        done_here.set()
        thread.join(_LIMIT)
    assert seen.failure is None, seen.failure


def _somebody_waits(done_here: threading.Event) -> bool:
    end = time.monotonic() + _LIMIT
    while not done_here.wait(0.02) and time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
            )
            if cursor.fetchone()[0]:
                return True
    return False


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run these concurrently, each in its own thread and connection; return what each returned or raised, in order."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        try:
            barrier.wait(_LIMIT)
            results[place] = act()  # type: ignore[call-overload]
        except Exception as error:
            results[place] = error  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_LIMIT)
    return list(results)


def deadlocks() -> int:
    """Return how many deadlocks PostgreSQL has detected in this database so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
