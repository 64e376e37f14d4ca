"""The embedded PostgreSQL, with real servers."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from otklik.core import processes
from otklik.core.embedded_postgres import DATABASE, ROLE, SOCKET_NAME, SUPERUSER, Embedded
from otklik.core.embedded_postgres_account import UnableToRunDatabase
from tests.refusing import refused_as

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """Yield one home for the module: creating a cluster takes longer than each test."""
    place = Path(tempfile.mkdtemp(prefix="otklik-test-"))
    with Embedded(place).hold():
        pass
    yield place
    Embedded(place).kill()
    shutil.rmtree(place)


def connect(server: Embedded) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(host=str(server.sockets), user=ROLE, dbname=DATABASE, autocommit=True)


def ask(server: Embedded, query: str) -> object:
    with connect(server) as link:
        row = link.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]


def hold_elsewhere(home: Path) -> subprocess.Popen[str]:
    """Start another process that holds the server until its input is closed."""
    program = (
        "import sys; from pathlib import Path; from otklik.core.embedded_postgres import Embedded\n"
        "with Embedded(Path(sys.argv[1])).hold(): print('held', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    return other


def wait_until_dead(pid: int) -> None:
    deadline = time.monotonic() + 10
    while processes.alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)


def test_it_runs_while_it_is_held_and_not_longer(made: Path) -> None:
    server = Embedded(made)
    with server.hold():
        assert server.pid() is not None
        assert ask(server, "SELECT current_user") == ROLE
    assert server.pid() is None


def test_what_was_committed_survives_and_the_disk_is_waited_for(made: Path) -> None:
    server = Embedded(made)
    with server.hold():
        assert ask(server, "SELECT current_setting('fsync') || current_setting('synchronous_commit')") == "onon"
        assert ask(server, "SELECT current_setting('listen_addresses')") == ""


def test_russian_letters_and_word_forms_work(made: Path) -> None:
    server = Embedded(made)
    with server.hold():
        assert ask(server, "SELECT upper('ёлка') || lower('ЩУКА')") == "ЁЛКАщука"
        assert ask(server, "SELECT to_tsvector('russian', 'экскаваторы') @@ to_tsquery('russian', 'экскаватору')")


def test_its_role_is_no_superuser(made: Path) -> None:
    server = Embedded(made)
    with server.hold():
        assert ask(server, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False


def test_who_is_nobody_of_ours_may_not_connect_even_where_the_folder_is_open(made: Path) -> None:
    server = Embedded(made)
    with server.hold():
        with psycopg.connect(host=str(server.sockets), user=SUPERUSER, dbname=DATABASE) as link:
            rules = link.execute("SELECT type, auth_method FROM pg_hba_file_rules ORDER BY 1 DESC").fetchall()
        assert rules == [("local", "peer"), ("host", "reject")]
        if os.geteuid() != 0:
            return
        program = (
            "import os, sys, psycopg\n"
            "os.setgid(65534); os.setuid(65534)\n"
            "psycopg.connect(host=sys.argv[1], user=sys.argv[2], dbname='otklik')"
        )
        places = [made, server.sockets, server.sockets / SOCKET_NAME]
        modes = [place.stat().st_mode for place in places]
        try:
            for place in places:
                place.chmod(0o777)
            for role in (ROLE, SUPERUSER):
                words = [sys.executable, "-c", program, str(server.sockets), role]
                done = subprocess.run(words, capture_output=True, text=True, check=False)
                assert "Peer authentication failed" in done.stderr, done.stderr
        finally:
            for place, mode in zip(places, modes, strict=True):
                place.chmod(mode & 0o7777)


def test_the_server_has_the_rights_of_its_account_and_at_most_that_to_walk_to_its_files(made: Path) -> None:
    server = Embedded(made)
    with server.hold():
        status = Path(f"/proc/{server.pid()}/status").read_text(encoding="utf-8")
    said = {name: words.split() for name, _, words in (line.partition(":") for line in status.splitlines())}
    owner = server.data.stat()
    assert set(said["Uid"]) == {str(owner.st_uid)} != {"0"} and set(said["Gid"]) == {str(owner.st_gid)}
    if os.geteuid() != 0:
        return
    assert (said["Groups"], said["NoNewPrivs"]) == ([], ["1"])
    lent = {int(said[name][0], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")}
    assert len(lent) == 1 and lent <= {0, 1 << 1, 1 << 2}


def test_a_home_whose_accounts_are_called_otherwise_now_starts(made: Path) -> None:
    server = Embedded(made)
    (server.data / "pg_ident.conf").write_text('otklik  "somebody"  otklik\n', encoding="utf-8")
    with server.hold():
        assert ask(server, "SELECT 1") == 1


def test_two_processes_share_it_and_the_last_one_stops_it(made: Path) -> None:
    server = Embedded(made)
    other = hold_elsewhere(made)
    with server.hold():
        first = server.pid()
        assert first is not None
        other.communicate(timeout=30)
        assert server.pid() == first
    assert server.pid() is None


def test_the_first_to_leave_does_not_stop_it_for_the_other(made: Path) -> None:
    server = Embedded(made)
    other = hold_elsewhere(made)
    with server.hold():
        pass
    assert server.pid() is not None
    other.communicate(timeout=30)
    assert server.pid() is None


def test_a_killed_holder_leaves_a_server_that_the_next_one_takes_over(made: Path) -> None:
    server = Embedded(made)
    other = hold_elsewhere(made)
    left = server.pid()
    other.kill()
    other.communicate()
    assert left is not None and processes.alive(left)
    with server.hold():
        assert server.pid() == left
    assert server.pid() is None


def test_a_killed_server_recovers_with_all_that_was_committed(made: Path) -> None:
    server = Embedded(made)
    with server.hold():
        with connect(server) as link:
            link.execute("CREATE TABLE kept (n int)")
            link.execute("INSERT INTO kept VALUES (7)")
        victim = server.pid()
        assert victim is not None
        os.kill(victim, signal.SIGKILL)
        wait_until_dead(victim)
        server.ensure_running()
        assert server.pid() != victim
        assert ask(server, "SELECT n FROM kept") == 7


def test_rl_04_a_child_of_the_killed_server_that_lives_on_for_a_while_is_waited_for(made: Path) -> None:
    server = Embedded(made)
    with server.hold():
        victim = server.pid()
        assert victim is not None
        child = int(Path(f"/proc/{victim}/task/{victim}/children").read_text(encoding="ascii").split()[0])
        os.kill(child, signal.SIGSTOP)
        os.kill(victim, signal.SIGKILL)
        wait_until_dead(victim)
        later = threading.Timer(1.5, os.kill, (child, signal.SIGCONT))
        later.start()
        try:
            server.ensure_running()
        finally:
            later.join()
        assert ask(server, "SELECT 1") == 1


def test_an_id_that_another_program_got_meanwhile_is_not_taken_for_the_server(made: Path) -> None:
    server = Embedded(made)
    stranger = subprocess.Popen(["sleep", "60"])
    lines = [str(stranger.pid), str(server.data), "1", "5432", str(server.sockets), "", "1 1", "ready"]
    (server.data / "postmaster.pid").write_text("\n".join(lines) + "\n", encoding="utf-8")
    try:
        with server.hold():
            assert server.pid() not in {None, stranger.pid}
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_cluster_of_another_postgresql_is_refused_untouched(made: Path) -> None:
    server = Embedded(made)
    version = server.data / "PG_VERSION"
    before = version.read_text(encoding="utf-8")
    version.write_text("99\n", encoding="utf-8")
    try:
        with pytest.raises(UnableToRunDatabase, match="made by PostgreSQL 99"), server.hold():
            pytest.fail("it started")
    finally:
        version.write_text(before, encoding="utf-8")


def test_a_home_with_a_long_path_works() -> None:
    root = Path(tempfile.mkdtemp(prefix="otklik-test-"))
    home = root / ("д" * 60) / ("x" * 60)
    server = Embedded(home)
    try:
        with server.hold():
            assert ask(server, "SELECT 1") == 1
    finally:
        shutil.rmtree(root)
        shutil.rmtree(server.sockets, ignore_errors=True)


def test_a_socket_directory_that_others_may_enter_is_refused() -> None:
    root = Path(tempfile.mkdtemp(prefix="otklik-test-"))
    server = Embedded(root / ("x" * 120))
    server.sockets.mkdir(mode=0o755)
    try:
        with refused_as("core.socket_folder_unsafe"), server.hold():
            pytest.fail("it started")
    finally:
        shutil.rmtree(root)
        shutil.rmtree(server.sockets)


def test_a_home_that_cannot_be_written_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with refused_as("core.home_not_writable"), Embedded(tmp_path / "file" / "home").hold():
        pytest.fail("it started")


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(made: Path) -> None:
    server = Embedded(made)
    with server.hold():
        pid = server.pid()
        assert pid is not None
        assert os.getpgid(pid) == pid != os.getpgid(0)


def test_a_socket_that_was_removed_is_said_at_once_and_in_one_sentence(made: Path) -> None:
    server = Embedded(made)
    with server.hold():
        socket = server.sockets / SOCKET_NAME
        aside = socket.with_name("aside")
        socket.rename(aside)
        began = time.monotonic()
        try:
            for ask_for in (server.ensure_running, lambda: hold_and_let_go(made)):
                with pytest.raises(UnableToRunDatabase, match=f"its socket {socket} was removed.*kill -INT"):
                    ask_for()
        finally:
            aside.rename(socket)
        assert time.monotonic() - began < 10
        assert ask(server, "SELECT 1") == 1


def hold_and_let_go(home: Path) -> None:
    """Hold and release the server."""
    with Embedded(home).hold():
        pass


def test_a_start_that_is_broken_off_ends_what_it_launched(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Embedded(made)

    def broken_off(child: "subprocess.Popen[bytes]") -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(server, "_wait_until_ready", broken_off)
    # As if it had not written its id down yet.
    monkeypatch.setattr(server, "pid", lambda: None)
    with pytest.raises(KeyboardInterrupt), server.hold():
        pytest.fail("it started")
    monkeypatch.undo()
    assert server.pid() is None


def test_the_life_of_a_process_is_seen() -> None:
    child = subprocess.Popen(["sleep", "60"])
    assert processes.alive(child.pid)
    child.kill()
    wait_until_dead(child.pid)
    # Dead, though not yet collected.
    assert not processes.alive(child.pid)
    assert processes.gone(child.pid)


def test_a_process_lives_whatever_it_calls_itself() -> None:
    """In /proc the name precedes the state, in brackets, and may contain brackets."""
    program = "import sys; from otklik.core.processes import rename; rename('a) Z (b'); print(); sys.stdin.read()"
    child = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout is not None and child.stdout.readline() == b"\n"
    assert processes.alive(child.pid)
    child.communicate(timeout=30)
    assert not processes.alive(child.pid)
