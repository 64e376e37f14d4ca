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
    """Mark processes forked during the block as children of this process."""
    file = _folder(home) / f"{os.getpid()}-{processes.started(os.getpid())}"
    with file.open("wb"):
        try:
            yield
        finally:
            file.unlink(missing_ok=True)


def end_left_behind(home: Path) -> list[int]:
    """Kill (SIGKILL) children of dead `otklik up` processes of this home, wait up to 10 s and return their ids.

    Children of a running `otklik up` are left alone, and so is a process that merely reuses an id.
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
    """Return whether the process still has threads: files and ports are released by the last thread to end, after the
    main thread is already shown as a zombie."""
    with contextlib.suppress(OSError):
        return processes.alive(pid) or len(list(Path(f"/proc/{pid}/task").iterdir())) > 1
    return False


def _open_files() -> Iterator[tuple[int, set[str]]]:
    """Yield each readable process's id with the paths of its open files."""
    for place in Path("/proc").glob("[0-9]*"):
        names = set()
        with contextlib.suppress(OSError):
            for link in (place / "fd").iterdir():
                with contextlib.suppress(OSError):
                    names.add(str(link.readlink()))
        yield int(place.name), names
