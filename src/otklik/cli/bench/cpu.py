"""CPU time that processes of this machine have used, in ms."""

import time
from contextlib import suppress

import psutil
from django.db import connection


def used_ms(root: int) -> float:
    """What the process and all that it started, and that still run, have used; the kernel counts nanoseconds."""
    with suppress(psutil.Error):
        parent = psutil.Process(root)
        return sum(_process_ms(process.pid) for process in (parent, *parent.children(recursive=True)))
    return 0.0


def database_ms() -> float | None:
    """The same for the database server; None when it does not run on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    with suppress(psutil.Error):
        process = psutil.Process(backend)
        if "postgres" in process.name() and (server := process.parent()) is not None:
            return used_ms(server.pid)
    return None


def yardstick_ms() -> float:
    """CPU time of a fixed piece of work in Python: how slow the machine is now, neighbours included."""
    return min(_piece_of_work() for _round in range(5))


def _piece_of_work() -> float:
    start = time.thread_time_ns()
    numbers = {str(number): [number] for number in range(4000)}
    for number in range(4000):
        numbers[str(number)].append(len("".join(sorted(str(number) * 3))))
    return (time.thread_time_ns() - start) / 1e6


def _process_ms(pid: int) -> float:
    """All threads of the process, ended ones too."""
    with suppress(OSError):  # the process has ended meanwhile
        return time.clock_gettime_ns(~pid << 3 | 2) / 1e6  # the clock that clock_getcpuclockid(3) names
    return 0.0
