"""Facts about processes from /proc, renaming this one, and ending it when its parent dies. Linux only."""

import contextlib
import ctypes
import os
import signal
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_ORPHANED = 1


def alive(pid: int) -> bool:
    """Whether a process with this id runs. A zombie counts as dead."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return False
    # "pid (name) state …"; the name may hold anything, so the state is what follows the last parenthesis.
    return stat.rpartition(b")")[2].split()[0] not in {b"Z", b"X"}


def started(pid: int) -> str:
    """An opaque mark of when a process started: boot id and clock ticks since boot; "" if there is no such process.

    Tells a process from a later one that got the same id.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        ticks = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[19]
    except OSError:
        return ""
    return f"{boot}-{int(ticks)}"


def gone(pid: int) -> bool:
    """Whether no process, not even a zombie, has this id. Reaps it first if it was a child of ours."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    return not Path(f"/proc/{pid}").exists()


def name(pid: int) -> str:
    """The short name of a process, as in /proc/PID/comm; "" if there is no such process."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def rename(text: str) -> None:
    """Set this process's short name, which `ps -o comm` and `top` show. Cut to 15 bytes; later children inherit it."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_NAME, text.encode()[:15], 0, 0, 0)


def arguments(pid: int) -> list[str]:
    """The command line of a process; empty if there is no such process or we may not read it."""
    try:
        command_line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return []
    return [os.fsdecode(word) for word in command_line.split(b"\0") if word]


def end_with_parent(parent: int, by: signal.Signals = signal.SIGTERM) -> None:
    """Ask the kernel to send this process the signal ``by`` when its parent dies, for whatever reason (prctl(2)).

    ``parent``: the id of the process that started us. Raises SystemExit if it has died already. Our own children do
    not inherit the request.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(by), 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit(_ORPHANED)
