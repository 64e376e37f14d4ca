"""Choose how many processes and threads serve pages."""

import os
from dataclasses import dataclass

# Each thread holds a database connection; 64 leave room for other processes in PostgreSQL's default of 100.
_MOST_PROCESSES, _MOST_CONNECTIONS = 8, 64
_THREADS, _MOST_THREADS = 4, 16


@dataclass(frozen=True)
class WebProcesses:
    """`number` processes, each with `threads` concurrent requests, and up to `most_threads` if some are slow."""

    number: int
    threads: int
    most_threads: int

    @property
    def connections(self) -> int:
        """The most database connections that they hold."""
        return self.number * self.most_threads


def web_processes() -> WebProcesses:
    """Return one process per core available, because only one thread of a process runs Python at a time."""
    number = min(len(os.sched_getaffinity(0)), _MOST_PROCESSES)
    return WebProcesses(number, _THREADS, min(_MOST_THREADS, _MOST_CONNECTIONS // number))
