"""Upgrading a home whose database an older PostgreSQL created, with real servers of both versions."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from otklik.core import embedded_postgres
from otklik.core.embedded_postgres import DATABASE, MAJOR, ROLE, Embedded, binaries
from otklik.core.embedded_postgres_account import UnableToRunDatabase
from otklik.core.embedded_postgres_upgrade import Move, old_directories, programs_of, take_complete
from tests.refusing import refused_as
from tests.support import require

pytestmark = pytest.mark.services
DEBIANS = sorted(Path("/usr/lib/postgresql").glob("[0-9]*")) if Path("/usr/lib/postgresql").exists() else []
OLDER = [place.name for place in DEBIANS if 14 <= int(place.name) < MAJOR]


def older() -> str:
    """Return an installed PostgreSQL version older than the embedded one; skip the test without one."""
    found = [version for version in ("16", "17", *OLDER) if programs_of(version, binaries())]
    require(bool(found), "no PostgreSQL older than the embedded one is installed (Debian: postgresql)")
    return found[0]


@pytest.fixture
def place() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="otklik-test-"))
    yield home
    Embedded(home).kill()
    shutil.rmtree(home)


@contextmanager
def run_by(version: str, home: Path) -> Iterator[Embedded]:
    """Run the home's server with the programs of this version, as an Otklik that shipped it would."""
    server = Embedded(home)
    with pytest.MonkeyPatch.context() as patched:
        programs = programs_of(version, binaries())
        assert programs is not None
        patched.setattr(embedded_postgres, "binaries", lambda: programs)
        patched.setattr(embedded_postgres, "MAJOR", int(version))
        if int(version) < 17:
            patched.setattr(embedded_postgres, "LOCALE", ("--locale=C.UTF-8",))
        with server.hold():
            yield server


def made_by(version: str, home: Path) -> Embedded:
    """Return the server of a home created with this version, with some data in it."""
    with run_by(version, home) as server, link(server) as database:
        database.execute("CREATE TABLE letters (id bigserial PRIMARY KEY, words text, raw bytea)")
        database.execute(
            "INSERT INTO letters (words, raw) SELECT 'Ёж ' || n, '\\x00ff' FROM generate_series(1, 5000) n"
        )
        database.execute("CREATE INDEX ON letters USING gin (to_tsvector('russian', words))")
    assert (server.data / "PG_VERSION").read_text(encoding="utf-8").strip() == version
    return server


def link(server: Embedded) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(host=str(server.sockets), user=ROLE, dbname=DATABASE, autocommit=True)


def told(server: Embedded) -> tuple[object, ...]:
    with link(server) as database:
        row = database.execute(
            "SELECT count(*), max(words), max(encode(raw, 'hex')), current_setting('server_version_num')::int / 10000"
            " FROM letters WHERE to_tsvector('russian', words) @@ to_tsquery('russian', 'ежи | ёж')"
        ).fetchone()
        assert row is not None
        database.execute("INSERT INTO letters (words) VALUES ('новое')")
        after = database.execute("SELECT max(id) FROM letters").fetchone()
        assert after is not None
        return (*row, *after)


@pytest.mark.parametrize("version", ["wheel", "debian"])
def test_the_data_of_an_older_postgresql_is_moved_and_the_old_files_stay(place: Path, version: str) -> None:
    require(version == "wheel" or bool(OLDER), "Debian's package postgresql is not installed")
    server = made_by(older() if version == "wheel" else OLDER[0], place)
    with server.hold():
        assert told(server) == (5000, "Ёж 999", "00ff", MAJOR, 5001)
    (kept,) = old_directories(server.data)
    assert (kept / "PG_VERSION").read_text(encoding="utf-8").strip() == kept.name.removeprefix("data.")
    with server.hold():
        assert told(server)[4] == 5002, "the second start moves nothing"


def test_what_differs_in_the_copy_leaves_everything_as_it_was(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = made_by(older(), place)
    copy = Move._copy

    def lossy(self: Move, size: int) -> None:
        copy(self, size)
        self._ask("new", "DELETE FROM letters WHERE id = 17")

    monkeypatch.setattr(Move, "_copy", lossy)
    with refused_as("core.move_differs"), server.hold():
        pytest.fail("it started")
    assert not old_directories(server.data) and (server.data / "PG_VERSION").read_text("utf-8").strip() == older()
    monkeypatch.setattr(Move, "_copy", copy)
    with server.hold():
        assert told(server)[0] == 5000


def test_without_room_or_programs_it_says_what_to_do(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = made_by(older(), place)
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 9, 1_000_000))  # type: ignore[attr-defined]
        with pytest.raises(UnableToRunDatabase, match=r"MB free .* there are 1 MB; make room"), server.hold():
            pytest.fail("it started")
    with monkeypatch.context() as patched:
        patched.setattr(embedded_postgres, "programs_of", lambda *_: None)
        with pytest.raises(UnableToRunDatabase, match=f"Debian: postgresql-{older()}"), server.hold():
            pytest.fail("it started")


def test_between_the_two_renames_nothing_new_is_made(place: Path) -> None:
    server = Embedded(place)
    with server.hold(), link(server) as database:
        database.execute("CREATE TABLE kept (id int)")
    server.data.rename(server.data.with_name("data.moved"))
    take_complete(server.data)
    assert server.data.exists()
    server.data.rename(server.data.with_name("data.moved"))
    with server.hold(), link(server) as database:
        database.execute("SELECT * FROM kept")


HELD_UP = """
import sys, time
from pathlib import Path
from otklik.core.embedded_postgres import Embedded
from otklik.core.embedded_postgres_upgrade import Move
def stuck(self, size):
    print("moving", flush=True)
    time.sleep(60)
Move._copy = stuck
with Embedded(Path(sys.argv[1])).hold(): pass
"""


def test_a_move_whose_program_was_killed_begins_anew(place: Path) -> None:
    server = made_by(older(), place)
    mover = subprocess.Popen([sys.executable, "-c", HELD_UP, str(place)], stdout=subprocess.PIPE, text=True)
    assert mover.stdout is not None and mover.stdout.readline() == "moving\n"
    os.kill(mover.pid, signal.SIGKILL)
    mover.wait()
    began = time.monotonic()
    with server.hold():
        assert told(server)[0] == 5000 and time.monotonic() - began < 100
    assert len(old_directories(server.data)) == 1
