"""`otklik up`, started as a process."""

import http.client
import json
import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from otklik.cli.probes import smtp_greets
from otklik.core import processes
from otklik.core.embedded_postgres import DATABASE, ROLE, Embedded
from tests.cli import forked
from tests.cli.running import Up, descendants, otklik, wait_until_gone

pytestmark = pytest.mark.services


@pytest.fixture
def up(installed: Path) -> Iterator[Up]:
    """Yield a running `otklik up`."""
    running = Up(installed)
    try:
        yield running.wait_until_ready()
    finally:
        running.end()


def health(port: int) -> tuple[int, dict[str, object]]:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        link.request("GET", "/healthz")
        answer = link.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        link.close()


def test_it_is_ready_when_all_answer_and_ends_without_a_trace(up: Up) -> None:
    assert health(up.http) == (200, {"status": "ok", "problems": [], "warnings": []})
    with smtplib.SMTP("127.0.0.1", up.smtp, timeout=10) as server:
        assert server.noop()[0] == 250
    below = descendants(up.process.pid)
    # Web with its processes, worker, intake, PostgreSQL with its own.
    assert len(below) > 6
    began = time.monotonic()
    assert up.end() == 0
    assert time.monotonic() - began < 10
    assert wait_until_gone(below, seconds=0.5) == set()
    assert up.lines == ["ready\n"]


def test_ctrl_c_in_the_terminal_ends_it_too(up: Up) -> None:
    below = descendants(up.process.pid)
    # A terminal sends the signal to the whole group of the foreground.
    os.killpg(up.process.pid, signal.SIGINT)
    assert up.process.wait(15) == 0
    assert wait_until_gone(below, seconds=0.5) == set()


def test_when_it_is_killed_its_parts_end_and_the_next_start_works(installed: Path) -> None:
    first = Up(installed).wait_until_ready()
    server = Embedded(installed).pid()
    assert server is not None
    # PostgreSQL alone stays: it is whole, and the next start takes it over.
    parts = descendants(first.process.pid) - descendants(server) - {server}
    first.end(signal.SIGKILL)
    assert wait_until_gone(parts) == set()
    assert processes.alive(server)
    second = Up(installed).wait_until_ready()
    assert health(second.http)[0] == 200
    assert second.end() == 0
    assert wait_until_gone({server}, seconds=0.5) == set()


def test_three_signals_in_quick_succession_end_it_wherever_it_is(installed: Path) -> None:
    for ready in (True, False, True):
        up = Up(installed)
        if ready:
            up.wait_until_ready()
        else:
            assert _comes_true(lambda: bool(descendants(up.process.pid)))  # noqa: B023  asked at once
        below = descendants(up.process.pid)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
            up.process.send_signal(number)
            time.sleep(0.0002)
        code = up.end(signal.SIGCONT)
        assert code == 0 or not ready, up.said()
        assert wait_until_gone(below) == set()
    assert Embedded(installed).pid() is None


def test_a_frozen_child_of_a_killed_one_does_not_keep_the_port(installed: Path) -> None:
    first = Up(installed).wait_until_ready()
    frozen = {
        pid for pid in descendants(first.process.pid) if processes.name(pid).startswith(("otklik-web", "otklik-in"))
    }
    assert len(frozen) > 2
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    first.process.kill()
    first.process.wait()
    assert all(processes.alive(pid) for pid in frozen)
    second = Up(installed, http=first.http, smtp=first.smtp).wait_until_ready()
    try:
        assert health(second.http)[0] == 200
        assert wait_until_gone(frozen, seconds=0.5) == set()
    finally:
        assert second.end() == 0
        # Its output ends when nobody of its children holds it any more.
        first.end()


# A part that dies at once; {served}: whether it has ever served.
_DYING = """
import sys, time
from pathlib import Path
from otklik.cli.supervise import Supervisor, Part
starts = Path(sys.argv[1])
def work():
    with starts.open("a") as file:
        file.write("x")
home = Supervisor([Part("part", work)], served={served})
end = time.monotonic() + ({served} and 2.4 or 30)
while time.monotonic() < end:
    home.look_after()
    time.sleep(0.01)
"""


@pytest.mark.parametrize(("served", "words"), [(True, "starting it again in 1.0 s"), (False, "ended 3 times while")])
def test_a_part_that_dies_rests_longer_each_time_and_one_that_never_served_is_told(
    served: bool, words: str, tmp_path: Path
) -> None:
    starts = tmp_path / "starts"
    script = [sys.executable, "-c", _DYING.format(served=served), str(starts)]
    done = subprocess.run(script, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode == 0) is served and words in done.stderr
    # At 0, 0.5 and 1.5 s; the fourth would come at 3.5 s.
    assert len(starts.read_text(encoding="utf-8")) in ({2, 3} if served else {3})


def test_a_part_that_dies_is_started_again(up: Up) -> None:
    server = Embedded(up.home).pid()
    before = {pid for pid in descendants(up.process.pid) if _parent(pid) == up.process.pid} - {server}
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    assert wait_until_gone(before) == set()
    # The web's own children may answer for a moment longer, so its answer alone proves nothing.
    assert _comes_true(lambda: up.said().count("starting it again") == len(before))
    assert _becomes_healthy(up.http)
    assert _comes_true(lambda: smtp_greets("127.0.0.1", up.smtp))


def test_a_database_that_dies_is_started_again(up: Up) -> None:
    server = Embedded(up.home).pid()
    assert server is not None
    os.kill(server, signal.SIGKILL)
    assert wait_until_gone({server}) == set()
    assert _becomes_healthy(up.http)
    assert Embedded(up.home).pid() not in {None, server}


def test_while_it_runs_another_command_shares_the_database_and_leaves_it_running(up: Up) -> None:
    server = Embedded(up.home).pid()
    done = otklik(up.home, "migrate")
    assert (done.returncode, done.stderr) == (0, "nothing to do\n")
    assert Embedded(up.home).pid() == server


def test_a_command_without_it_starts_the_database_and_stops_it_again(installed: Path) -> None:
    assert otklik(installed, "migrate").returncode == 0
    assert Embedded(installed).pid() is None


@pytest.mark.parametrize("option", ["--http", "--smtp"])
def test_a_taken_port_is_said_in_one_line(option: str, installed: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        where = f"127.0.0.1:{other.getsockname()[1]}"
        done = otklik(installed, "up", option, where)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        f"otklik: cannot listen on {where} (Address already in use); choose another address with {option}"
    ]
    assert Embedded(installed).pid() is None


def test_a_home_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = otklik(tmp_path, "up", "--home", str(tmp_path / "file" / "home"))
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert f"the home {tmp_path / 'file' / 'home'} cannot be written" in done.stderr


_TOUCHING = (
    ("mail", "deliver", __file__),
    ("mail", "status"),
    ("mail", "restored", "--send"),
    ("desk", "list"),
    ("person", "add", "a@b.test", "--name", "A"),
    ("migrate",),
    ("worker",),
    ("backup", "/nowhere/desk.tar"),
)


def test_a_database_of_a_newer_version_is_refused_untouched(installed: Path) -> None:
    server = Embedded(installed)
    with server.hold():
        assert otklik(installed, "migrate").returncode == 0
        _sql(server, "INSERT INTO django_migrations (app, name, applied) VALUES ('tickets', '9999_future', now())")
        try:
            done = otklik(installed, "up")
            others = [(words, forked.otklik(installed, *words)) for words in _TOUCHING]
        finally:
            _sql(server, "DELETE FROM django_migrations WHERE name = '9999_future'")
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert "written by a newer Otklik" in done.stderr
    assert "tickets.9999_future" in done.stderr
    for words, other in others:
        assert "written by a newer Otklik" in other.stderr, words
        # A mail server keeps the mail and comes again (sysexits.h: EX_TEMPFAIL).
        assert (other.returncode, other.stdout) == (75 if words[:2] == ("mail", "deliver") else 1, ""), words


def test_a_bad_setting_is_said_in_one_line(tmp_path: Path) -> None:
    done = otklik(
        tmp_path, "up", OTKLIK_PUBLIC_URL="desk.example.org", DATABASE_URL="postgresql://nobody@127.0.0.1:1/x"
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("otklik: OTKLIK_PUBLIC_URL must look like")
    assert len(done.stderr.splitlines()) == 1


def test_an_unreachable_database_is_said_in_one_line(tmp_path: Path) -> None:
    done = otklik(tmp_path, "migrate", DATABASE_URL="postgresql://nobody:secret@127.0.0.1:1/x")
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert "the database says" in done.stderr
    assert "secret" not in done.stderr


def _sql(server: Embedded, statement: str) -> None:
    with psycopg.connect(host=str(server.sockets), user=ROLE, dbname=DATABASE, autocommit=True) as link:
        link.execute(statement.encode())


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[1])
    except OSError:
        return 0


def _becomes_healthy(port: int) -> bool:
    return _comes_true(lambda: _is_healthy(port))


def _is_healthy(port: int) -> bool:
    try:
        return health(port)[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def _comes_true(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 30
    while not (held := condition()) and time.monotonic() < end:
        time.sleep(0.1)
    return held
