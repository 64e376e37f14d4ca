"""Runs Otklik's commands without the second of CPU that a new Python needs to load Django and other packages.

Each command is a separate process with its own environment, arguments, directory and streams, and loads Otklik's
modules and settings itself. For tests of what commands do; tests of how the product starts use `running.otklik`.
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

# Packages that commands load: _LOADED_FIRST as far as this process has loaded them, _ALSO in any case. Modules that
# need Django's settings are left to the command.
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
    """The forking process, one per test process; it ends with it."""

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
        self, arguments: tuple[str, ...], environment: Mapping[str, str], given: str, patience: float
    ) -> "subprocess.CompletedProcess[str]":
        """Run `otklik ARGUMENTS…` like `subprocess.run`, with `given` as standard input.

        Kills the command and raises TimeoutExpired after `patience` seconds.
        """
        command = {"words": arguments, "environment": dict(environment), "folder": str(Path.cwd())}
        with ExitStack() as stack:
            streams = [stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8")) for _ in range(3)]
            streams[0].write(given)
            streams[0].seek(0)
            numbers = [stream.fileno() for stream in streams]
            socket.send_fds(self._channel, [json.dumps(command).encode()], numbers)
            code = self._code(arguments, patience)
            return subprocess.CompletedProcess(arguments, code, _read(streams[1]), _read(streams[2]))

    def _code(self, arguments: tuple[str, ...], patience: float) -> int:
        self._channel.settimeout(_START_SECONDS)
        pid = int(self._channel.recv(99))
        self._channel.settimeout(patience)
        try:
            return int(self._channel.recv(99))
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            self._channel.settimeout(None)
            self._channel.recv(99)
            raise subprocess.TimeoutExpired(arguments, patience) from None


_server = cache(Server)
_busy = Lock()


def otklik(home: Path, *arguments: str, given: str = "", **more: str) -> "subprocess.CompletedProcess[str]":
    """Run one command and wait for it, like `running.otklik`; `given` is its standard input.

    While another thread runs a command, a new Python is started instead, so that neither waits for the other.
    """
    if not _busy.acquire(blocking=False):
        return running.otklik(home, *arguments, given=given, **more)
    try:
        return _server().run(arguments, running.environment(home, **more), given, running.PATIENCE)
    finally:
        _busy.release()


def _read(stream: IO[str]) -> str:
    stream.seek(0)
    return stream.read()
