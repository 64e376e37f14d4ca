"""Processes: is one alive, and how a child learns of its parent's death (Linux)."""

import contextlib
import ctypes
import os
import signal
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_ORPHANED = 1


def alive(pid: int) -> bool:
    """Whether a process of this id runs; one that ended and was not yet collected counts as dead."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return False
    # "pid (name) state …"; the name may hold anything, so the state is what follows the last parenthesis.
    return stat.rpartition(b")")[2].split()[0] not in {b"Z", b"X"}


def started(pid: int) -> str:
    """When a process started: the machine's start and the clock ticks since, the same for no two that had one id.

    Empty when there is no such process.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        ticks = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[19]
    except OSError:
        return ""
    return f"{boot}-{int(ticks)}"


def gone(pid: int) -> bool:
    """Whether nothing at all has this id, after collecting it if it was a child of ours that ended."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    return not Path(f"/proc/{pid}").exists()


def name(pid: int) -> str:
    """The short name of a running process, empty when there is none."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def rename(text: str) -> None:
    """Give this process a short name (15 bytes) that `ps -o comm` and `top` show; its later children inherit it."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_NAME, text.encode()[:15], 0, 0, 0)


def arguments(pid: int) -> list[str]:
    """The words a running process was started with, empty when there is none or they may not be read."""
    try:
        command_line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return []
    return [os.fsdecode(word) for word in command_line.split(b"\0") if word]


def end_with_parent(parent: int, by: signal.Signals = signal.SIGTERM) -> None:
    """Ask the kernel to send this process ``by`` when its parent dies, however it dies (prctl(2)).

    ``parent`` is the id the parent had when it started us; where it is gone already, this process ends.
    The request is not inherited by our own children.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(by), 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit(_ORPHANED)
