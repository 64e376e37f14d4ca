"""Running behind a real PgBouncer in transaction mode."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from otklik.core.embedded_postgres import DATABASE, ROLE, Embedded
from tests.cli.forked import otklik
from tests.cli.running import environment, free_ports
from tests.support import require

pytestmark = [pytest.mark.services, pytest.mark.slow]

_PROGRAM = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin")


@dataclass
class Pooled:
    """The URLs of one database: through the pooler (`through`) and directly (`straight`)."""

    home: Path
    through: str
    straight: str

    def run(self, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return otklik(self.home, *words, DATABASE_URL=self.through, **more)


@pytest.fixture(scope="module")
def pooled(started: Path) -> Iterator[Pooled]:
    require(_PROGRAM, "PgBouncer is not installed")
    server = Embedded(started)
    (port,) = free_ports(1)
    ini = started.parent / "pgbouncer.ini"
    with server.hold():
        owner = server.directory.owner()
        ini.write_text(
            f"[databases]\n{DATABASE} = host={server.sockets} dbname={DATABASE} user={ROLE}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
            f"auth_type = any\npool_mode = transaction\ndefault_pool_size = 3\nuser = {owner}\n",
            encoding="utf-8",
        )
        pooler = subprocess.Popen([str(_PROGRAM), str(ini)], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_for(port)
            yield Pooled(
                started.parent / "web",
                f"postgresql://{ROLE}@127.0.0.1:{port}/{DATABASE}",
                f"postgresql://{ROLE}@/{DATABASE}?host={server.sockets}",
            )
        finally:
            pooler.kill()
            pooler.wait()


def _wait_for(port: int) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("PgBouncer does not listen")


def test_what_needs_a_session_is_refused_at_once_with_the_remedy(pooled: Pooled, tmp_path: Path) -> None:
    for words in (["migrate"], ["backup", str(tmp_path / "desk.tar")], ["fetch", "--once"]):
        done = pooled.run(*words)
        assert (done.returncode, done.stdout) == (1, "")
        assert "a pooler in transaction mode" in done.stderr
        assert "DATABASE_DIRECT_URL" in done.stderr
    doctor = pooled.run("doctor").stdout
    assert "BAD pooler: a pooler in transaction mode -> name the server's own address" in doctor, doctor


def test_with_the_direct_address_all_of_it_works(pooled: Pooled, tmp_path: Path) -> None:
    direct = {"DATABASE_DIRECT_URL": pooled.straight}
    for _ in range(2):
        done = pooled.run("migrate", **direct)
        assert (done.returncode, done.stderr) == (0, "nothing to do\n")
    assert pooled.run("fetch", "--once", **direct).returncode == 0
    assert pooled.run("backup", str(tmp_path / "desk.tar"), **direct).returncode == 0
    assert "ok  pooler: a pooler in transaction mode, and past it by" in pooled.run("doctor", **direct).stdout
    both = pooled.run("doctor", DATABASE_DIRECT_URL=pooled.through).stdout
    assert "BAD pooler: DATABASE_DIRECT_URL leads through a pooler, too" in both


def test_the_rest_works_through_the_pooler(pooled: Pooled) -> None:
    direct = {"DATABASE_DIRECT_URL": pooled.straight}
    added = pooled.run("desk", "add", "POOL", "--name", "P", "--address", "pool@desk.test", **direct)
    assert added.returncode == 0, added.stderr
    assert "POOL" in pooled.run("desk", "list", **direct).stdout
    assert pooled.run("ticket", "list", **direct).returncode == 0


_READS = """
import django
django.setup()
from django.db import connection
from otklik.core.prepared_cursor import keeps_prepared, run_prepared
rows = [run_prepared("SELECT %(number)s::bigint", {"number": number}) for number in range(3)]
with connection.cursor() as cursor:
    cursor.execute("SELECT count(*) FROM pg_prepared_statements")
    print(keeps_prepared(), rows, cursor.fetchone())
"""


def test_nothing_is_prepared_where_another_would_find_it(pooled: Pooled) -> None:
    more = {"DATABASE_URL": pooled.through, "DJANGO_SETTINGS_MODULE": "otklik.config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", _READS], env=environment(pooled.home, **more), capture_output=True, text=True, check=True
    )
    assert done.stdout == "False [[(0,)], [(1,)], [(2,)]] (0,)\n"
    doctor = pooled.run("doctor", DATABASE_DIRECT_URL=pooled.straight).stdout
    assert "ok  prepared statements: not kept by the pooler: each page plans its own" in doctor, doctor


def test_a_direct_address_without_a_pooler_is_a_mistake(tmp_path: Path) -> None:
    done = otklik(tmp_path, "migrate", DATABASE_DIRECT_URL="postgresql://x@127.0.0.1:1/y")
    assert done.returncode == 1
    assert done.stderr == "otklik: DATABASE_DIRECT_URL goes with DATABASE_URL, which is not set\n"
