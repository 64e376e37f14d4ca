"""Upgrade the data of the embedded PostgreSQL to a new major version: dump, load beside it, compare.

PostgreSQL reads no files of another major version. The old server is started once more by its own programs, everything
is loaded into a new directory, each table is counted on both sides, and only then the directories change names. The
old one stays as `data.<version>` until `otklik database forget`. Whenever this is broken off, the next start either
begins anew or takes what was complete.
"""

import contextlib
import logging
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from otklik.core import processes
from otklik.core.embedded_postgres_account import UnableToRunDatabase
from otklik.core.refusals import CoreRefusal

log = logging.getLogger("otklik.database")
OLDEST: Final = 14
START_SECONDS, TELL_SECONDS = 300.0, 10.0
# The new files need about the room of the old ones; indexes come out smaller.
_ROOM = 1.1
_PORTS = {"old": "5433", "new": "5434"}
_DEBIAN, _REDHAT = "/usr/lib/postgresql/{}/bin", "/usr/pgsql-{}/bin"
_TABLES = (
    "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables"
    " WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
)
_SEQUENCES = "SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY 1, 2"


def programs_of(version: str, ours: Path) -> Path | None:
    """Return the directory of this major version's programs, the wheel's or the system's; None if not installed."""
    places = [*sorted(ours.parent.parent.glob("pginstall*/bin")), Path(_DEBIAN.format(version))]
    return next((place for place in (*places, Path(_REDHAT.format(version))) if _major(place) == version), None)


def _major(place: Path) -> str:
    try:
        done = subprocess.run([place / "postgres", "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    except OSError:
        return ""
    match = re.search(r"\) (\d+)", done.stdout)
    return match.group(1) if match else ""


def old_directories(data: Path) -> list[Path]:
    """Return the data directories kept from earlier upgrades, oldest version first."""
    return sorted(data.parent.glob("data.[0-9]*"))


def fresh_directory(data: Path) -> Path:
    """Return the path of the directory in which the upgraded data is built."""
    return data.with_name("data.moving")


def end_broken_off(data: Path) -> None:
    """Stop servers left running by an interrupted upgrade. They use ports of their own and lock the directories."""
    for folder, port in ((data, _PORTS["old"]), (fresh_directory(data), _PORTS["new"])):
        try:
            lines = (folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            pid, used = int(lines[0]), lines[3].strip()
        except (OSError, ValueError, IndexError):
            continue
        if used == port and processes.name(pid) == "postgres" and str(folder) in processes.arguments(pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
            while processes.alive(pid):
                time.sleep(0.05)


def take_complete(data: Path) -> None:
    """Finish an upgrade interrupted between its two renames. Call before anything reads the data directory."""
    moved = data.with_name("data.moved")
    if moved.exists() and not data.exists():
        moved.rename(data)


@dataclass(frozen=True, slots=True)
class Move:
    """One upgrade. `words`: command prefix that switches to the server's account; `old`, `new`: directories of
    programs."""

    words: list[str]
    data: Path
    fresh: Path
    sockets: Path
    old: Path
    new: Path
    version: str
    superuser: str
    database: str

    def run(self) -> None:
        """Dump, load, compare and swap the directories. Raises UnableToRunDatabase and leaves the old data intact."""
        self._require_room()
        size = size_of(self.data)
        log.warning("moving %.1f MB of PostgreSQL %s; the old files stay", size / 1e6, self.version)
        with self._running("old", self.old, self.data), self._running("new", self.new, self.fresh):
            self._copy(size)
            self._compare()
            self._ask("new", "ANALYZE")
        moved, old_directory = self.data.with_name("data.moved"), self._free_name()
        if moved.exists():
            subprocess.run([*self.words, "rm", "-rf", str(moved)], check=True)  # noqa: S603
        self.fresh.rename(moved)
        self.data.rename(old_directory)
        take_complete(self.data)
        log.warning("moved; the old files are in %s until `otklik database forget`", old_directory)

    def _require_room(self) -> None:
        needed, free = int(size_of(self.data) * _ROOM), shutil.disk_usage(self.data.parent).free
        if free < needed:
            raise UnableToRunDatabase(
                CoreRefusal.MOVE_NO_SPACE,
                version=self.version,
                needed=needed // 10**6 + 1,
                folder=self.data.parent,
                free=free // 10**6,
            )

    def _free_name(self) -> Path:
        names = [self.data.with_name(f"data.{self.version}{end}") for end in ("", *(f".{n}" for n in range(2, 100)))]
        return next(name for name in names if not name.exists())

    @contextlib.contextmanager
    def _running(self, which: str, programs: Path, data: Path) -> Iterator[None]:
        """Run a server of that version on a port that no client uses."""
        place = str(self.sockets).replace('"', '""')
        flags = ["-c", "listen_addresses=", "-c", f'unix_socket_directories="{place}"', "-c", f"port={_PORTS[which]}"]
        command = [
            *self.words,
            str(programs / "postgres"),
            "-D",
            str(data),
            *flags,
            "-c",
            "unix_socket_permissions=0700",
        ]
        log_file = data.parent / "log"
        with log_file.open("ab") as output:
            server = subprocess.Popen(  # noqa: S603
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/", env=_environment()
            )
        try:
            self._wait(which, server, log_file)
            yield
        finally:
            server.send_signal(signal.SIGINT)
            server.wait()

    def _wait(self, which: str, server: "subprocess.Popen[bytes]", log_file: Path) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and server.poll() is None:
            if self._program(which, "pg_isready").returncode == 0:
                return
            time.sleep(0.1)
        raise UnableToRunDatabase(CoreRefusal.MOVE_NOT_STARTED, which=which, log_file=log_file)

    def _program(self, which: str, name: str, *more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(  # noqa: S603
            self._line(which, name, *more), capture_output=True, text=True, cwd="/", env=_environment(), check=False
        )

    def _line(self, which: str, name: str, *more: str) -> list[str]:
        to = ["-h", str(self.sockets), "-p", _PORTS[which], "-U", self.superuser, "-d", self.database]
        return [*self.words, str(self.new / name), *to, *more]

    def _copy(self, size: int) -> None:
        """Pipe the new version's pg_dump (it reads older servers, not the reverse) into pg_restore, without a file
        between."""
        reading = self._line("old", "pg_dump", "--format=custom", "--compress=0")
        writing = self._line("new", "pg_restore", "--exit-on-error", "--single-transaction")
        options = {"stderr": subprocess.PIPE, "cwd": "/", "env": _environment()}
        with (
            subprocess.Popen(reading, stdout=subprocess.PIPE, **options) as dump,  # type: ignore[call-overload]  # noqa: S603
            subprocess.Popen(writing, stdin=dump.stdout, **options) as load,  # type: ignore[call-overload]  # noqa: S603
        ):
            dump.stdout.close()
            while load.poll() is None:
                self._tell(load, size)
            ended = {"pg_dump": (dump.wait(), dump.stderr.read()), "pg_restore": (load.returncode, load.stderr.read())}
        for name, (code, output) in ended.items():
            if code:
                lines = output.decode("utf-8", "replace").strip().splitlines() or ["it left no message"]
                raise UnableToRunDatabase(CoreRefusal.MOVE_FAILED, version=self.version, name=name, said=lines[-1])

    def _tell(self, load: "subprocess.Popen[bytes]", size: int) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            load.wait(TELL_SECONDS)
            return
        log.warning("moving: %.1f MB written, of about %.1f", size_of(self.fresh) / 1e6, size / 1e6)

    def _compare(self) -> None:
        """Compare the tables, the sequences' values and each table's row count."""
        for query in (_TABLES, _SEQUENCES, *self._counts()):
            old, new = self._ask("old", query), self._ask("new", query)
            if old != new:
                raise UnableToRunDatabase(CoreRefusal.MOVE_DIFFERS, version=self.version, old=old, new=new)

    def _counts(self) -> list[str]:
        return [f"SELECT '{name}', count(*) FROM {name}" for name in self._ask("old", _TABLES).splitlines()]  # noqa: S608

    def _ask(self, which: str, query: str) -> str:
        done = self._program(which, "psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", query)
        if done.returncode:
            raise UnableToRunDatabase(CoreRefusal.MOVE_NO_ANSWER, which=which, said=done.stderr.strip())
        return done.stdout


def size_of(folder: Path) -> int:
    """Return the total bytes of all files under the folder. Files deleted meanwhile are not counted."""
    total = 0
    for place, _folders, files in os.walk(folder):
        for name in files:
            with contextlib.suppress(OSError):
                total += (Path(place) / name).lstat().st_size
    return total


def _environment() -> dict[str, str]:
    """Return a minimal environment: without our secrets and without the caller's PG* variables."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}
