"""Failures of the machine: database down, disk full, power cut (RL-04, 11, 12)."""

import contextlib
import http.client
import os
import shutil
import signal
import smtplib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from otklik.core.embedded_postgres import DATABASE, ROLE, Embedded
from tests.homes import ADDRESS
from tests.reliability.books import audit
from tests.reliability.house import House, house, wait_until
from tests.reliability.outside import Mail, MoodySink, Senders, moody_sink
from tests.reliability.sweep import BUDGETS, settle
from tests.support import require

MIB = 1024 * 1024


def get(home: House, path: str) -> tuple[int, http.client.HTTPMessage, str]:
    """Return status, headers and page."""
    link = http.client.HTTPConnection("127.0.0.1", home.http, timeout=30)
    try:
        # A session is looked up in the database; without one some pages need none and go on.
        link.request("GET", path, headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={'a' * 32}"})
        answer = link.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        link.close()


def send(home: House, sink: MoodySink, count: int, seconds: float, seed: int) -> Senders:
    """Start mail servers that send mails."""
    senders = Senders(home.smtp, sink, count, seconds, seed)
    senders.start()
    return senders


@pytest.mark.services
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_rl_12_the_database_is_away_for_some_seconds(tmp_path: Path) -> None:
    server = Embedded(tmp_path / "server")
    url = f"postgresql://{ROLE}@/{DATABASE}?host={server.sockets}"
    with moody_sink() as sink, server.hold():
        outgoing = f"smtp://127.0.0.1:{sink.port}"
        with house(tmp_path / "home", None, ADDRESS, DATABASE_URL=url, OTKLIK_OUTGOING=outgoing, **BUDGETS) as home:
            parts = {name: home.pids(name) for name in ("web", "worker", "intake")}
            senders = send(home, sink, 30, 8, 12)
            wait_until("some mails came", lambda: len(senders.taken) >= 5)
            server.kill()
            wait_until("the intake says 451", lambda: senders.refusals[451] >= 3)
            for path in ("/servicedesk/customer/portals", "/servicedesk/customer/user/requests", "/browse/ACCREDO-1"):
                status, headers, page = get(home, path)
                assert (status, headers.get("Retry-After")) == (503, "10"), (path, status)
                assert "Сервис ненадолго остановлен" in page and "psycopg" not in page
            assert get(home, "/healthz")[0] == 503
            time.sleep(3)  # long enough for everybody to have tried and rested
            server.ensure_running()
            senders.wait(60)
            settle(home)
            wrong, figures = audit(home, sink, senders.taken)
            assert not wrong, (wrong, figures)
            assert get(home, "/healthz")[0] == 200
            assert set(senders.refusals) <= {451, 421}
            assert {name: home.pids(name) for name in parts} == parts, "a part died instead of waiting"
            assert home.starts == 1


@contextlib.contextmanager
def small_disk(place: Path, size: int) -> Iterator[None]:
    """Mount a file system of this size at `place`."""
    place.mkdir(mode=0o711)
    words = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0711", "tmpfs", str(place)]
    done = subprocess.run(words, capture_output=True, text=True, check=False) if shutil.which("mount") else None
    require(done is not None and done.returncode == 0, "a small disk cannot be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(place: Path, leave: int) -> None:
    """Write until only `leave` bytes are free."""
    with (place / "ballast").open("ab") as ballast:
        while (free := shutil.disk_usage(place).free) > leave:
            try:
                os.write(ballast.fileno(), b"\xff" * min(MIB, free - leave))
            except OSError:
                return


def answer_of(home: House, mail: Mail) -> int:
    """Return the code with which the intake answers this mail."""
    try:
        with smtplib.SMTP("127.0.0.1", home.smtp, timeout=20) as link:
            link.sendmail(mail.sender, [mail.to], mail.raw, ["BODY=8BITMIME"])
    except smtplib.SMTPRecipientsRefused as refused:
        return int(next(iter(refused.recipients.values()))[0])
    except smtplib.SMTPDataError as refused:
        return int(refused.smtp_code)
    return 250


@pytest.mark.services
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_rl_11_the_disk_is_full(tmp_path: Path, ready_made: Path) -> None:
    place = tmp_path / "home"
    with small_disk(place, 400 * MIB), moody_sink() as sink:
        outgoing = f"smtp://127.0.0.1:{sink.port}"
        with house(place, ready_made, OTKLIK_OUTGOING=outgoing, **BUDGETS) as home:
            workers = home.pids("worker")
            for worker in workers:
                os.kill(worker, signal.SIGSTOP)
            first = send(home, sink, 12, 0.5, 111)
            first.wait(30)

            fill(place, 10 * MIB)
            time.sleep(1.5)  # the intake looks at the disk once a second
            for worker in workers:
                os.kill(worker, signal.SIGCONT)
            late = send(home, sink, 8, 0.5, 112)
            tried = "SELECT count(*) FROM mail_inboundmail WHERE state = 'waiting' AND error LIKE '%%room%%'"
            wait_until("the worker has no room for files", lambda: home.sql(tried)[0][0] >= 3)
            wait_until("the intake says 452", lambda: late.refusals[452] >= 8)
            assert not late.taken and set(late.refusals) == {452}
            assert home.sql("SELECT max(attempts) FROM mail_inboundmail")[0][0] == 0

            fill(place, 0)
            wait_until("nobody is let in", lambda: late.refusals[452] >= 30)
            (place / "ballast").unlink()
            late.wait(60)
            settle(home)
            wrong, figures = audit(home, sink, first.taken + late.taken)
            assert not wrong, (wrong, figures)
            assert not home.sql("SELECT 1 FROM mail_inboundmail WHERE state <> 'filed'")
            assert home.starts == 1


@pytest.mark.services
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_rl_04_the_disk_has_the_mail_before_the_sender_hears_250(tmp_path: Path, ready_made: Path) -> None:
    """T3: between the mail's last byte and 250 there is a successful fdatasync of the WAL."""
    require(shutil.which("strace"), "strace is not installed")
    with house(tmp_path / "home", ready_made) as home:
        trace = tmp_path / "trace"
        watched = [*home.pids("intake"), *home.pids("postgres"), *home.pids("backend")]
        words = ["strace", "-f", "-qq", "-s", "4000", "-e", "trace=fsync,fdatasync,recvfrom,sendto", "-o", str(trace)]
        words += [word for pid in watched for word in ("-p", str(pid))]
        strace = subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until("strace watches", lambda: all(_is_traced(pid) for pid in watched))
            raw = f"From: a@clinic.test\r\nTo: {ADDRESS}\r\nSubject: durable\r\n\r\nthe-last-line\r\n".encode()
            assert answer_of(home, Mail("", "a@clinic.test", ADDRESS, raw)) == 250
        finally:
            strace.terminate()
            strace.wait(20)
        lines = trace.read_text(errors="replace").splitlines()
        came = max(n for n, line in enumerate(lines) if "the-last-line\\r\\n.\\r\\n" in line and "recvfrom" in line)
        told = next(n for n, line in enumerate(lines) if "250 2.6.0 Stored" in line)
        synced = [line for line in lines[came:told] if "sync" in line and line.endswith("= 0")]
        assert came < told and synced, lines[came : told + 1]


def _is_traced(pid: int) -> bool:
    return "TracerPid:\t0\n" not in Path(f"/proc/{pid}/status").read_text()
