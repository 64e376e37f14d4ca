"""The whole product in a home of its own, whose processes may be killed one by one."""

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
    """`otklik up` and everything below it. `settings` are its environment."""

    home: Path
    settings: dict[str, str] = field(default_factory=dict)
    http: int = field(default_factory=lambda: steady_port())
    smtp: int = field(default_factory=lambda: steady_port())
    starts: int = 0
    process: "subprocess.Popen[str] | None" = None

    @property
    def log(self) -> Path:
        """What it said on standard error, over all starts."""
        return self.home.parent / f"{self.home.name}.log"

    @property
    def database(self) -> Embedded:
        """The embedded server of this home."""
        return Embedded(self.home)

    def start(self) -> None:
        """Start it as a service manager does: again and again until it says "ready"."""
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
        """Ask it to end, and give its exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(30)
        finally:
            self.kill()

    def kill(self) -> None:
        """SIGKILL `otklik up` itself. Its parts learn of it from the kernel, its database lives on."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            if self.process.stdout is not None:
                self.process.stdout.close()
            self.process = None

    def otklik(self, *words: str, given: str = "") -> str:
        """Run a command of the product in the same home, `given` on its standard input; its standard output."""
        done = otklik(self.home, *words, given=given, **self.settings)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def add_desk(self, address: str) -> None:
        """The desk ACCREDO, which takes mail."""
        self.otklik("desk", "add", "ACCREDO", "--name", "Accreditation", "--address", address)

    def pids(self, part: str) -> list[int]:
        """The processes of a part: web, worker, intake, fetch, parser, postgres, backend; those that live now."""
        if part in {"postgres", "backend"}:
            return self._database_pids(part)
        found = []
        for process in self._below():
            with contextlib.suppress(psutil.Error):
                is_parser = "otklik.mail.parse.child_process" in process.cmdline()
                if (part == "parser" and is_parser) or (not is_parser and process.name().startswith(f"otklik-{part}")):
                    found.append(process.pid)
        return found

    def sql(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the product's own database; a change is committed."""
        with psycopg.connect(self.dsn, autocommit=True) as link:
            done = link.execute(query.encode(), values or None)
            return done.fetchall() if done.description else []

    @property
    def dsn(self) -> str:
        """Where the product's database is."""
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
            return [one.pid for one in backends if f": {ROLE} {DATABASE}" in " ".join(one.cmdline())]
        except psutil.Error:
            return []


@contextlib.contextmanager
def house(home: Path, ready_made: Path | None = None, address: str = ADDRESS, **settings: str) -> Iterator[House]:
    """A running product with the desk ACCREDO at this address; no process of it is left afterwards.

    `ready_made`: the home of a stopped one to begin with, which saves the first start; it has the desk at ADDRESS,
    or none when the address is another.
    """
    made = House(home, settings)
    try:
        if ready_made is not None:
            copy_home(ready_made, home)
        made.start()
        if ready_made is None or address != ADDRESS:
            made.add_desk(address)
        yield made
    finally:
        made.stop()
        if "DATABASE_URL" not in settings:
            made.database.kill()


def steady_port() -> int:
    """A free port that the kernel gives to nobody by itself: it is still free when its listener was killed."""
    while True:
        port = random.randrange(15_000, 30_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def kill(pid: int) -> bool:
    """SIGKILL one process; whether there was one."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def wait_until(what: str, is_so: Any, seconds: float = 30.0, pause: float = 0.1) -> None:
    """Wait until `is_so()` is true; a database that is away counts as "not yet". Fails with `what` when it never is."""
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(psycopg.Error):
            if is_so():
                return
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        time.sleep(pause)
