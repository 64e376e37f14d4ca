"""Choose how many processes and threads serve pages."""

import os
from dataclasses import dataclass

# A thread holds one database connection; 64 of them leave room for the other parts in PostgreSQL's hundred.
_MOST_PROCESSES, _MOST_CONNECTIONS = 8, 64
_THREADS, _MOST_THREADS = 4, 16


@dataclass(frozen=True)
class WebProcesses:
    """`number` processes, each answering `threads` requests at once, and up to `most_threads` while some are slow."""

    number: int
    threads: int
    most_threads: int

    @property
    def connections(self) -> int:
        """How many connections to the database they hold at most."""
        return self.number * self.most_threads


def web_processes() -> WebProcesses:
    """As many processes as there are cores for this one: only one thread of a process runs Python at a time."""
    number = min(len(os.sched_getaffinity(0)), _MOST_PROCESSES)
    return WebProcesses(number, _THREADS, min(_MOST_THREADS, _MOST_CONNECTIONS // number))
