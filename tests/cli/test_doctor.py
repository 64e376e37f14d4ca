"""`otklik doctor` reports defects with their remedy."""

import contextlib
import os
import socket
import threading
from pathlib import Path

import psycopg
import pytest

from otklik.cli import doctor_checks
from otklik.cli.web_processes import WebProcesses, web_processes
from otklik.core.embedded_postgres import DATABASE, ROLE, Embedded
from tests.cli.forked import otklik
from tests.cli.running import Up, free_ports

pytestmark = pytest.mark.services


def test_it_is_content_with_a_running_product(started: Path) -> None:
    running = Up(started).wait_until_ready()
    try:
        done = otklik(started, "doctor")
    finally:
        running.end()
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert all(line.startswith("ok ") for line in done.stdout.splitlines()), done.stdout
    assert f"intake: 127.0.0.1:{running.smtp} greets" in done.stdout, "it asks where the intake listens"
    cores = len(os.sched_getaffinity(0))
    assert f"web processes: {min(cores, 8)}, one for each core" in done.stdout


def test_too_few_connections_for_the_web_processes_are_found(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(200)))
    assert web_processes() == WebProcesses(number=8, threads=4, most_threads=8)
    monkeypatch.setattr(doctor_checks, "_OTHER_CONNECTIONS", 10_000)
    (finding,) = doctor_checks._web()
    assert "set max_connections of PostgreSQL to at least 10074" in finding.remedy


def test_it_names_what_does_not_run_and_the_remedy(started: Path) -> None:
    done = otklik(started, "doctor", "--smtp", f"127.0.0.1:{free_ports(1)[0]}")
    assert done.returncode == 1
    bad = [line for line in done.stdout.splitlines() if line.startswith("BAD ")]
    assert any("intake" in line and "-> start it: otklik up" in line for line in bad), done.stdout


def test_a_stranger_who_greets_in_our_place_and_an_old_sign_of_life_are_not_taken_for_ours(started: Path) -> None:
    running = Up(started).wait_until_ready()
    running.end()
    with socket.create_server(("127.0.0.1", running.smtp)) as stranger:
        threading.Thread(target=_greet, args=(stranger,), daemon=True).start()
        done = otklik(started, "doctor")
        asked = otklik(started, "doctor", "--smtp", f"127.0.0.1:{running.smtp}")
    assert done.returncode == 1
    for what in ("worker", "intake"):
        assert f"BAD {what}: does not run in this home -> start it" in done.stdout, done.stdout
    assert f"ok  intake: 127.0.0.1:{running.smtp} greets" in asked.stdout, "who names a place means that place"


def _greet(server: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            link, _ = server.accept()
            link.sendall(b"220 another desk\r\n")
            link.close()


def test_a_database_that_does_not_wait_for_the_disk_is_found(started: Path) -> None:
    server = Embedded(started)
    with server.hold():
        for statement, found in (("SET synchronous_commit TO off", "BAD durability"), ("RESET ALL", "ok  durability")):
            with psycopg.connect(host=str(server.sockets), user=ROLE, dbname=DATABASE, autocommit=True) as link:
                link.execute(f"ALTER DATABASE {DATABASE} {statement}".encode())
            assert found in otklik(started, "doctor").stdout


@pytest.mark.parametrize(
    ("setting", "value", "found"),
    [
        ("OTKLIK_PUBLIC_URL", "desk", "OTKLIK_PUBLIC_URL must look like"),
        ("OTKLIK_METRICS_TOKEN", "short", "OTKLIK_METRICS_TOKEN must have at least 16 characters"),
        ("DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:1/x", "is DATABASE_URL right"),
        ("OTKLIK_OUTGOING", "smtp://user:secret@127.0.0.1:1", "is OTKLIK_OUTGOING right"),
    ],
)
def test_ab_64_a_bad_setting_is_found_and_no_secret_is_shown(
    setting: str, value: str, found: str, started: Path
) -> None:
    done = otklik(started, "doctor", **{setting: value})
    assert done.returncode == 1
    assert found in done.stdout
    assert "secret" not in done.stdout.replace("secret key", "") + done.stderr


def test_a_home_that_cannot_be_written_is_found(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = otklik(tmp_path / "file" / "home", "doctor")
    assert done.returncode == 1
    assert "BAD home" in done.stdout
    assert done.stderr == ""
