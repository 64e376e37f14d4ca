"""Otklik's commands without the second of CPU in which a new Python loads Django and the like.

Each is a process of its own with its own environment, words, folder and streams, which loads Otklik's modules and
settings itself. For tests of what commands do; those of how the product starts use `running.otklik`.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from threading import Lock
from typing import IO

from tests.cli import running

# What commands load, where this process has it loaded, and what it has not. Modules that need settings are left to the
# command.
_ALSO = {"email_validator", "pydantic", "pydantic.networks", "typer.main"}
_LOADED_FIRST = {
    "allauth",
    "asyncio",
    "charset_normalizer",
    "concurrent",
    "cryptography",
    "django",
    "email",
    "psycopg",
    "psycopg_binary",
    "sqlparse",
    "urllib3",
}
_START_SECONDS = 120.0


class Server:
    """The process that forks, one for this test process; it ends with it."""

    def __init__(self) -> None:
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        names = sorted(_ALSO | {name for name in sys.modules if name.partition(".")[0] in _LOADED_FIRST})
        with theirs:
            subprocess.Popen(
                [sys.executable, "-P", str(Path(__file__).with_name("fork_server.py")), str(theirs.fileno()), *names],
                env={name: value for name, value in os.environ.items() if not name.startswith(("OTKLIK_", "DJANGO_"))},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )

    def run(
        self, words: tuple[str, ...], environment: Mapping[str, str], given: str, patience: float
    ) -> "subprocess.CompletedProcess[str]":
        """As `subprocess.run` of `otklik WORDS…`. Raises TimeoutExpired after `patience` seconds, when it is killed."""
        command = {"words": words, "environment": dict(environment), "folder": str(Path.cwd())}
        with ExitStack() as stack:
            streams = [stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8")) for _ in range(3)]
            streams[0].write(given)
            streams[0].seek(0)
            numbers = [stream.fileno() for stream in streams]
            socket.send_fds(self._channel, [json.dumps(command).encode()], numbers)
            code = self._code(words, patience)
            return subprocess.CompletedProcess(words, code, _read(streams[1]), _read(streams[2]))

    def _code(self, words: tuple[str, ...], patience: float) -> int:
        self._channel.settimeout(_START_SECONDS)
        pid = int(self._channel.recv(99))
        self._channel.settimeout(patience)
        try:
            return int(self._channel.recv(99))
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            self._channel.settimeout(None)
            self._channel.recv(99)
            raise subprocess.TimeoutExpired(words, patience) from None


_server = cache(Server)
_busy = Lock()


def otklik(home: Path, *words: str, given: str = "", **more: str) -> "subprocess.CompletedProcess[str]":
    """Run one command to its end, as `running.otklik` does; `given` is its standard input.

    While another thread runs one, it is a new Python after all: neither waits for the other.
    """
    if not _busy.acquire(blocking=False):
        return running.otklik(home, *words, given=given, **more)
    try:
        return _server().run(words, running.environment(home, **more), given, running.PATIENCE)
    finally:
        _busy.release()


def _read(stream: IO[str]) -> str:
    stream.seek(0)
    return stream.read()
