"""The whole product in its own home, with processes that can be killed one by one."""

import contextlib
import os
import random
import select
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil
import psycopg

from otklik.core.embedded_postgres import DATABASE, ROLE, Embedded
from tests.cli.forked import otklik
from tests.cli.running import OTKLIK, environment
from tests.homes import ADDRESS, copy_home

_PATIENCE = 90.0
_TRIES = 20


@dataclass
class House:
    """`otklik up` and its descendants. `settings` are added to its environment."""

    home: Path
    settings: dict[str, str] = field(default_factory=dict)
    http: int = field(default_factory=lambda: steady_port())
    smtp: int = field(default_factory=lambda: steady_port())
    starts: int = 0
    process: "subprocess.Popen[str] | None" = None

    @property
    def log(self) -> Path:
        """The file with its standard error over all starts."""
        return self.home.parent / f"{self.home.name}.log"

    @property
    def database(self) -> Embedded:
        """The embedded server of this home."""
        return Embedded(self.home)

    def start(self) -> None:
        """Start it, again and again until it reports "ready", as a service manager would."""
        for _ in range(_TRIES):
            with self.log.open("a", encoding="utf-8") as log:
                self.process = self._launch(log)
            self.starts += 1
            if self._is_ready(self.process):
                return
            self.kill()
            time.sleep(0.5)
        raise AssertionError(f"otklik up does not come up: {self.log.read_text(encoding='utf-8')[-3000:]}")

    def stop(self) -> int:
        """Send SIGTERM, wait up to 30 s and return the exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(30)
        finally:
            self.kill()

    def kill(self) -> None:
        """SIGKILL `otklik up` itself. Its children end by their parent-death signal; its database keeps running."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            if self.process.stdout is not None:
                self.process.stdout.close()
            self.process = None

    def otklik(self, *arguments: str, given: str = "") -> str:
        """Run a command in the same home, with `given` on its standard input; return its standard output."""
        done = otklik(self.home, *arguments, given=given, **self.settings)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def add_desk(self, address: str) -> None:
        """Add the desk ACCREDO with this mail address."""
        self.otklik("desk", "add", "ACCREDO", "--name", "Accreditation", "--address", address)

    def pids(self, part: str) -> list[int]:
        """Return the living processes of a part: web, worker, intake, fetch, parser, postgres or backend."""
        if part in {"postgres", "backend"}:
            return self._database_pids(part)
        pids_of_part = []
        for process in self._below():
            with contextlib.suppress(psutil.Error):
                is_parser = "otklik.mail.parse.child_process" in process.cmdline()
                if (part == "parser" and is_parser) or (not is_parser and process.name().startswith(f"otklik-{part}")):
                    pids_of_part.append(process.pid)
        return pids_of_part

    def sql(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Execute a statement in the product's database, committed; return its rows."""
        with psycopg.connect(self.dsn, autocommit=True) as link:
            done = link.execute(query.encode(), values or None)
            return done.fetchall() if done.description else []

    @property
    def dsn(self) -> str:
        """The connection string of the product's database."""
        return self.settings.get("DATABASE_URL") or f"host={self.database.sockets} user={ROLE} dbname={DATABASE}"

    def _launch(self, log: IO[str]) -> "subprocess.Popen[str]":
        where = ["--http", f"127.0.0.1:{self.http}", "--smtp", f"127.0.0.1:{self.smtp}"]
        return subprocess.Popen(
            [*OTKLIK, "up", *where],
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )

    def _environment(self) -> dict[str, str]:
        return environment(self.home, **self.settings)

    def _is_ready(self, process: "subprocess.Popen[str]") -> bool:
        assert process.stdout is not None
        readable, _, _ = select.select([process.stdout], [], [], _PATIENCE)
        return bool(readable) and process.stdout.readline() == "ready\n"

    def _below(self) -> list[psutil.Process]:
        if self.process is None:
            return []
        try:
            return list(psutil.Process(self.process.pid).children(recursive=True))
        except psutil.Error:
            return []

    def _database_pids(self, part: str) -> list[int]:
        server = self.database.pid()
        if server is None:
            return []
        if part == "postgres":
            return [server]
        try:
            backends = psutil.Process(server).children()
            return [process.pid for process in backends if f": {ROLE} {DATABASE}" in " ".join(process.cmdline())]
        except psutil.Error:
            return []


@contextlib.contextmanager
def house(home: Path, ready_made: Path | None = None, address: str = ADDRESS, **settings: str) -> Iterator[House]:
    """Run a product with the desk ACCREDO at this address; all its processes are gone afterwards.

    `ready_made`: the home of a stopped product to copy, which saves the first start; it has the desk at ADDRESS, or no
    desk when `address` is another.
    """
    product = House(home, settings)
    try:
        if ready_made is not None:
            copy_home(ready_made, home)
        product.start()
        if ready_made is None or address != ADDRESS:
            product.add_desk(address)
        yield product
    finally:
        product.stop()
        if "DATABASE_URL" not in settings:
            product.database.kill()


def steady_port() -> int:
    """Return a free port outside the kernel's ephemeral range, so that it stays free while its listener is
    restarted."""
    while True:
        port = random.randrange(15_000, 30_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def kill(pid: int) -> bool:
    """SIGKILL one process; return whether it existed."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def wait_until(what: str, is_so: Any, seconds: float = 30.0, pause: float = 0.1) -> None:
    """Wait until `is_so()` is true; a database error counts as "not yet". Fails with `what` after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(psycopg.Error):
            if is_so():
                return
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        time.sleep(pause)
