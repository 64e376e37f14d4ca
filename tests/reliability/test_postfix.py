"""Otklik behind a real Postfix configured as in docs/mail-postfix.md: SMTP, LMTP, pipe and outgoing mail."""

import contextlib
import smtplib
import subprocess
import tempfile
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from otklik.core.embedded_postgres import DATABASE, ROLE, Embedded
from tests.cli.running import OTKLIK
from tests.homes import copy_home
from tests.postoffice import Sink
from tests.reliability.house import House, house, steady_port, wait_until
from tests.reliability.postfix import Postfix, greets, piped_otklik, postfix, snippet

pytestmark = [pytest.mark.services, pytest.mark.slow, pytest.mark.timeout(300)]
HERE = "accredo@desk.test"


def mail(number: int, to: str = HERE) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"n{number}@clinic.test", to, f"MARK-{number}"
    message["Message-ID"] = f"<mark{number}@clinic.test>"
    message.set_content(f"Здравствуйте, MARK-{number}")
    return message.as_bytes()


def marks(home: House) -> list[str]:
    """Return the subjects of all tickets, in order."""
    return [str(row[0]) for row in home.sql("SELECT subject FROM tickets_ticket ORDER BY subject")]


def wanted(*numbers: int) -> list[str]:
    return sorted(f"MARK-{number}" for number in numbers)


@pytest.fixture
def outside() -> Iterator[Sink]:
    """Yield an outside mail server that accepts everything."""
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=steady_port())
    controller.start()
    sink.port = controller.port
    try:
        yield sink
    finally:
        controller.stop()


@pytest.fixture
def database(tmp_path: Path, ready_made: Path) -> Iterator[Embedded]:
    """Yield a database server that the product does not restart, with the desk ACCREDO in it."""
    copy_home(ready_made, tmp_path / "server")
    server = Embedded(tmp_path / "server")
    with server.hold():
        yield server
    server.kill()


def test_mail_comes_in_and_goes_out_and_waits_while_otklik_is_away(
    tmp_path: Path, ready_made: Path, database: Embedded, outside: Sink
) -> None:
    port = steady_port()
    with contextlib.ExitStack() as stack:
        settings = {"DATABASE_URL": url_of(database), "OTKLIK_OUTGOING": f"smtp://127.0.0.1:{port}"}
        home = stack.enter_context(house(tmp_path / "home", ready_made, **settings))
        lines = snippet("main.cf", domain="desk.test", place=f"smtp:[127.0.0.1]:{home.smtp}")
        server = stack.enter_context(postfix(lines, outside.port, port=port))

        server.hand_in(mail(1), HERE, "n1@clinic.test")
        wait_until("a request", lambda: marks(home) == wanted(1), 60)
        wait_until("its acknowledgement and invitation", lambda: sent(home) == len(outside.taken) == 2, 60)
        assert all("by mx.desk.test (Postfix)" in str(one.message["Received"]) for one in outside.taken)

        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            server.hand_in(mail(2), "nobody@desk.test")
        assert refused.value.recipients["nobody@desk.test"][0] == 550

        _while_otklik_is_away(home, server)
        # What is being sent while the database goes comes a minute later, perhaps twice: not looked at here.
        wait_until("what that brings about", lambda: sent(home) == len(outside.taken) == 4, 60)
        _while_the_database_is_away(home, server, database)
        wait_until("an empty queue", lambda: server.waiting() == 0, 60)
        assert marks(home) == wanted(1, 3, 4, 5)
        assert home.sql("SELECT count(*), sum(copies) FROM mail_inboundmail") == [(4, 4)]
        wait_until("all acknowledgements and invitations", lambda: sent(home) == 8 <= len(outside.taken), 60)
        ours = home.sql("SELECT message_id FROM mail_outboundmail ORDER BY 1")
        assert sorted(str(one.message["Message-ID"]) for one in outside.taken) == [row[0] for row in ours]


def sent(home: House) -> int:
    """Return how many mails are marked as sent."""
    return int(home.sql("SELECT count(*) FROM mail_outboundmail WHERE state = 'sent'")[0][0])


def _while_otklik_is_away(home: House, server: Postfix) -> None:
    """Check that Postfix keeps mail for known addresses while Otklik is down and delivers it afterwards."""
    home.stop()
    server.hand_in(mail(3), HERE, "n3@clinic.test")
    wait_until("a try", lambda: "Connection refused" in server.log, 30)
    assert server.waiting() == 1
    home.start()
    wait_until("the request", lambda: marks(home) == wanted(1, 3), 60)


def _while_the_database_is_away(home: House, server: Postfix, database: Embedded) -> None:
    """Check that Otklik answers 451 without its database and that Postfix retries."""
    database.kill()
    server.hand_in(mail(4), HERE, "n4@clinic.test")
    server.hand_in(mail(5), HERE, "n5@clinic.test")
    wait_until("a 451", lambda: "451 4.3.0" in server.log, 60)
    assert server.waiting() == 2
    database.ensure_running()
    wait_until("the requests", lambda: marks(home) == wanted(1, 3, 4, 5), 60)


def test_mail_comes_in_by_lmtp_and_by_a_pipe(
    tmp_path: Path, ready_made: Path, database: Embedded, outside: Sink
) -> None:
    with contextlib.ExitStack() as stack:
        home = stack.enter_context(house(tmp_path / "home", ready_made, DATABASE_URL=url_of(database)))
        port = steady_port()
        lmtp = subprocess.Popen(
            [*OTKLIK, "intake", "--smtp", "", "--lmtp", f"127.0.0.1:{port}"],
            env=home._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        stack.callback(lmtp.wait, 20)
        stack.callback(lmtp.terminate)
        lines = snippet("main.cf", domain="desk.test", place=f"lmtp:[127.0.0.1]:{port}")
        with postfix(lines, outside.port) as server:
            wait_until("LMTP", lambda: greets(port), 60)
            server.hand_in(mail(1), HERE)
            wait_until("a request by LMTP", lambda: marks(home) == wanted(1), 60)
        with running_pipe(home, outside) as server:
            server.hand_in(mail(2), HERE)
            wait_until("a request by the pipe", lambda: marks(home) == wanted(1, 2), 60)
            assert home.sql("SELECT transport, envelope_from, envelope_to FROM mail_inboundmail ORDER BY id") == [
                ("lmtp", "anna@clinic.test", HERE),
                ("pipe", "anna@clinic.test", HERE),
            ]
            database.kill()
            server.hand_in(mail(3), HERE)
            wait_until("a 75", lambda: "temporary failure" in server.log, 60)
            assert server.waiting() == 1
            database.ensure_running()
            wait_until("the request", lambda: marks(home) == wanted(1, 2, 3), 60)
            server.hand_in(mail(4), "nobody@desk.test", "n4@clinic.test")
            wait_until("the mail given back", lambda: len(outside.to("n4@clinic.test")) == 1, 60)
            assert "user unknown" in server.log
            wait_until("an empty queue", lambda: server.waiting() == 0, 30)


@contextlib.contextmanager
def running_pipe(home: House, outside: Sink) -> Iterator[Postfix]:
    """Run Postfix with a pipe into `otklik mail deliver`."""
    with tempfile.TemporaryDirectory(prefix="otklik-pipe-") as name:
        place = Path(name)
        place.chmod(0o755)
        with piped_otklik(home, place) as script:
            services = snippet("master.cf.pipe", user="user=nobody ", otklik=str(script))
            with postfix(snippet("main.cf.pipe", domain="desk.test"), outside.port, services) as server:
                yield server


def url_of(database: Embedded) -> str:
    return f"postgresql://{ROLE}@/{DATABASE}?host={database.sockets}"
