"""Find processes that a killed `otklik up` of the same home left behind, so that the next one ends them.

Each `otklik up` holds a file open that is named by its process id and the moment it started. Its children inherit the
open file by forking, and nobody else has it; so whoever still has it open when that process is gone was left behind.
"""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from otklik.core import processes

_SECONDS = 10.0


@contextlib.contextmanager
def lineage(home: Path) -> Iterator[None]:
    """The processes that are forked during the block are known as children of this one."""
    file = _folder(home) / f"{os.getpid()}-{processes.started(os.getpid())}"
    with file.open("wb"):
        try:
            yield
        finally:
            file.unlink(missing_ok=True)


def end_left_behind(home: Path) -> list[int]:
    """Kill the children of those of this home that are gone, frozen or not, and return their ids when they have ended.

    Children of one that runs are left alone, and so is every process that only has an id that one of ours had.
    """
    gone = [file for file in _folder(home).iterdir() if not _lives(file)]
    left = [pid for pid, names in _open_files() if names & {str(file) for file in gone}]
    for pid in left:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + _SECONDS
    while any(map(_holds_something, left)) and time.monotonic() < end:
        time.sleep(0.02)
    for file in gone:
        file.unlink(missing_ok=True)
    return left


def _folder(home: Path) -> Path:
    folder = home.resolve() / "running"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _lives(file: Path) -> bool:
    pid, _, started = file.name.partition("-")
    return pid.isdecimal() and processes.alive(int(pid)) and processes.started(int(pid)) == started


def _holds_something(pid: int) -> bool:
    """Files and ports are given back by the last thread that ends; the first one is shown as ended before that."""
    with contextlib.suppress(OSError):
        return processes.alive(pid) or len(list(Path(f"/proc/{pid}/task").iterdir())) > 1
    return False


def _open_files() -> Iterator[tuple[int, set[str]]]:
    """Of each process that we may look into, the names of the files that it holds open."""
    for place in Path("/proc").glob("[0-9]*"):
        names = set()
        with contextlib.suppress(OSError):
            for link in (place / "fd").iterdir():
                with contextlib.suppress(OSError):
                    names.add(str(link.readlink()))
        yield int(place.name), names
