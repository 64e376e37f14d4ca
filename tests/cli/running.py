"""Runs the product as users do: as a process, in its own home."""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from otklik.core import processes

OTKLIK = [sys.executable, "-P", "-m", "otklik.cli.main"]
PATIENCE = 90.0


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return this process's environment without the product's variables, with OTKLIK_HOME and `more`."""
    mine = {
        name: value for name, value in os.environ.items() if not name.startswith(("OTKLIK_", "DATABASE_", "DJANGO_"))
    }
    return {**mine, "OTKLIK_HOME": str(home), **more}


def otklik(home: Path, *arguments: str, given: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """Run one command and wait for it, at most PATIENCE seconds; `given` is its standard input."""
    return subprocess.run(
        [*OTKLIK, *arguments],
        env=environment(home, **more),
        input=given,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def free_ports(count: int) -> list[int]:
    """Return `count` different ports of 127.0.0.1 that are free at the moment."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def descendants(pid: int) -> set[int]:
    """Return the ids of the living descendants of this process."""
    parents = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = place.read_bytes().rpartition(b")")[2].split()
        except OSError:
            continue
        parents[int(place.parent.name)] = int(fields[1])
    below: set[int] = set()
    edge = {pid}
    while edge:
        edge = {child for child, parent in parents.items() if parent in edge} - below
        below |= edge
    return below


@dataclass
class Up:
    """A running `otklik up`."""

    home: Path
    words: tuple[str, ...] = ()
    more: dict[str, str] = field(default_factory=dict)
    http: int = field(default_factory=lambda: free_ports(1)[0])
    smtp: int = field(default_factory=lambda: free_ports(1)[0])
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        where = ["--http", f"127.0.0.1:{self.http}", "--smtp", f"127.0.0.1:{self.smtp}"]
        self.errors = (self.home.parent / f"{self.home.name}-{self.http}.log").open("w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [*OTKLIK, "up", *where, *self.words],
            env=environment(self.home, **self.more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            start_new_session=True,
        )

    def wait_until_ready(self, patience: float = PATIENCE) -> "Up":
        """Wait for the line `ready` on standard output; fail with the log after `patience` seconds."""
        assert self.process.stdout is not None
        readable, _, _ = select.select([self.process.stdout], [], [], patience)
        self.lines.append(self.process.stdout.readline() if readable else "")
        assert self.lines == ["ready\n"], self.said()
        return self

    def said(self) -> str:
        """Return everything written to standard error so far."""
        self.errors.flush()
        return Path(self.errors.name).read_text(encoding="utf-8")

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal, wait up to 30 s and return the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(30)
        assert self.process.stdout is not None
        if not self.process.stdout.closed:
            self.lines += self.process.stdout.readlines()
            self.process.stdout.close()
            self.errors.close()
        return code


def wait_until_gone(pids: set[int], seconds: float = 15.0) -> set[int]:
    """Wait until none of these processes lives, at most `seconds`; return those that still do."""
    end = time.monotonic() + seconds
    while (left := {pid for pid in pids if processes.alive(pid)}) and time.monotonic() < end:
        time.sleep(0.02)
    return left
