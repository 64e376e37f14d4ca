"""CPU time that processes of this machine have used, in ms."""

import time
from contextlib import suppress

import psutil
from django.db import connection


def used_ms(root: int) -> float:
    """Return the CPU time in ms of the process and its descendants, including those that have ended.

    Running processes are measured in nanoseconds by the kernel's clocks, ended ones in hundredths of a second.
    """
    with suppress(psutil.Error):
        parent = psutil.Process(root)
        return sum(_process_ms(one.pid) + _ended_ms(one) for one in (parent, *parent.children(recursive=True)))
    return 0.0


def database_ms() -> float | None:
    """Return the CPU time in ms of the database server; None if it does not run on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    with suppress(psutil.Error):
        process = psutil.Process(backend)
        if "postgres" in process.name() and (server := process.parent()) is not None:
            return used_ms(server.pid)
    return None


def yardstick_ms() -> float:
    """Return the CPU time of a fixed computation in Python, which tells how fast the machine is now."""
    return min(_piece_of_work() for _round in range(5))


def _piece_of_work() -> float:
    start = time.thread_time_ns()
    numbers = {str(number): [number] for number in range(4000)}
    for number in range(4000):
        numbers[str(number)].append(len("".join(sorted(str(number) * 3))))
    return (time.thread_time_ns() - start) / 1e6


def _ended_ms(process: psutil.Process) -> float:
    """Return the CPU time in ms of the children that have ended and been waited for."""
    with suppress(psutil.Error):
        times = process.cpu_times()
        return float(times.children_user + times.children_system) * 1000
    return 0.0


def _process_ms(pid: int) -> float:
    """Return the CPU time in ms of all threads of the process, including ended ones."""
    with suppress(OSError):  # the process has ended
        return time.clock_gettime_ns(~pid << 3 | 2) / 1e6  # the id that clock_getcpuclockid(3) returns
    return 0.0
