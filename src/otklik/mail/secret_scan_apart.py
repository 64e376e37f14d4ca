"""Large mails searched for our secrets in a process of their own: pages of others do not wait for them meanwhile.

    with apart(raw) as search:
        shown = search.blanked({...}) if search.secrets else search.blanked(())

A mail of 30 MB takes one to twelve seconds of a processor, however it is made. The process has a limit of time and
gives way to all others; one process of the product searches one mail at a time.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore, Timer

import django

SMALL = 4 * 1024 * 1024
"""Mails up to this many bytes are searched where they are asked for: they take less than a process takes to start."""

CPU_SECONDS, WALL_SECONDS, TURN_SECONDS = 60, 120.0, 30.0
MEMORY_BYTES = 2 << 30
_KINDNESS = 5

_turn = BoundedSemaphore(1)


class UnableToSearch(Exception):
    """The process did not come back in its time, or others have been waiting for theirs."""


class Search:
    """One mail in its process. `secrets`: what `secret_scan_mail.secrets_of` returns of it."""

    def __init__(self, process: subprocess.Popen[bytes], raw: bytes) -> None:
        self._process = process
        _told(process, b"%d\n" % len(raw), raw)
        self.secrets = set[str](json.loads(self._line()))

    def blanked(self, hidden: Collection[str]) -> bytes:
        """What `secret_scan_mail.blanked_mail` returns while these are `hiding`. Once. Raises UnableToSearch."""
        _told(self._process, json.dumps(sorted(hidden)).encode(), b"\n")
        length = int(self._line())
        assert self._process.stdout is not None
        shown = self._process.stdout.read(length)
        if len(shown) < length:
            raise UnableToSearch
        return shown

    def _line(self) -> bytes:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise UnableToSearch
        return line


@contextmanager
def apart(raw: bytes) -> Iterator[Search]:
    """The mail's search; the process is gone behind it. Raises UnableToSearch."""
    if not _turn.acquire(timeout=TURN_SECONDS):
        raise UnableToSearch
    try:
        with _process() as process:
            deadline = Timer(WALL_SECONDS, process.kill)
            deadline.start()
            try:
                yield Search(process, raw)
            finally:
                deadline.cancel()
                process.kill()
    finally:
        _turn.release()


def _process() -> subprocess.Popen[bytes]:
    source = str(Path(__file__).resolve().parents[2])
    return subprocess.Popen(  # our own interpreter and module; the mail goes in by the pipe
        [sys.executable, "-m", "otklik.mail.secret_scan_apart"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in (source, os.environ.get("PYTHONPATH", "")) if p)},
    )


def _told(process: subprocess.Popen[bytes], *pieces: bytes) -> None:
    assert process.stdin is not None
    try:
        for piece in pieces:
            process.stdin.write(piece)
        process.stdin.flush()
    except OSError as broken:
        raise UnableToSearch from broken


def _main() -> None:
    os.nice(_KINDNESS)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    django.setup()
    # Loaded when Django is ready.
    from otklik.mail.secret_scan import hiding  # noqa: PLC0415
    from otklik.mail.secret_scan_mail import blanked_mail, secrets_of  # noqa: PLC0415

    raw = sys.stdin.buffer.read(int(sys.stdin.buffer.readline()))
    _say(json.dumps(sorted(secrets_of(raw))).encode())
    with hiding(json.loads(sys.stdin.buffer.readline() or b"[]")):
        shown = blanked_mail(raw)
    _say(b"%d" % len(shown), shown)


def _say(line: bytes, rest: bytes = b"") -> None:
    sys.stdout.buffer.write(line + b"\n" + rest)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    _main()
