"""Connection limits per address and in time. The figures are literals on purpose."""

import contextlib
import ipaddress
import smtplib
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from pytest_django.fixtures import Settings

from otklik.core import disk_space
from otklik.intake import connection_limits, smtp_session
from otklik.intake.connection_limits import Connections
from otklik.mail.models import InboundMail
from tests.cast import Cast
from tests.postoffice import letter, post, running_intake


@contextlib.contextmanager
def idle(port: int, count: int) -> Iterator[list[bytes]]:
    """Open `count` idle connections; yields the greeting that each received."""
    with contextlib.ExitStack() as stack:
        links = [stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10)) for _ in range(count)]
        yield [link.recv(200) for link in links]


def test_one_address_has_fifty_connections(people: Cast, intake: int) -> None:
    with idle(intake, 60) as told:
        assert sum(words.startswith(b"220") for words in told) == 50
        assert sum(words.startswith(b"421 4.7.0") for words in told) == 10
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            post(intake, letter())
            break
    assert InboundMail.objects.count() == 1, "who left makes room"


def test_a_trusted_relay_has_as_many_as_there_are(people: Cast, settings: Settings, home: object) -> None:
    settings.TRUSTED_RELAYS = [ipaddress.ip_network("127.0.0.0/8")]
    with running_intake() as port, idle(port, 60) as told:
        assert all(words.startswith(b"220") for words in told)


@dataclass(eq=False)
class Someone:
    """A connection as the registry sees it."""

    peer_host: str
    busy: bool = False
    since: float = 0.0
    refused: bool = False

    def leave_if_idle(self) -> None:
        self.refused = True

    drop = leave_if_idle

    def refuse(self) -> None:
        self.refused = True


def full(hosts: int, each: int) -> tuple[Connections, list[Someone]]:
    known = Connections([])
    some = [Someone(f"192.0.2.{host}") for host in range(hosts) for _ in range(each)]
    for one in some:
        known.add(one)
    return known, some


def test_when_the_house_is_full_the_idle_make_room() -> None:
    known, some = full(hosts=8, each=50)
    newcomer = Someone("198.51.100.1")
    known.add(newcomer)
    assert known.admits(newcomer, now=3.0) is False, "who came just now is not idle yet"
    assert known.admits(newcomer, now=60.0) is True
    assert sum(one.refused for one in some) == 1 and not newcomer.refused


def test_who_sends_a_mail_is_not_put_out() -> None:
    known, some = full(hosts=8, each=50)
    for one in some:
        one.busy = True
    newcomer = Someone("198.51.100.1")
    known.add(newcomer)
    assert known.admits(newcomer, now=60.0) is False
    assert not any(one.refused for one in some)


def test_a_network_of_ipv6_is_one_address_and_a_mapped_one_is_ipv4() -> None:
    known = Connections([])
    some = [Someone(f"2001:db8:0:1::{number:x}") for number in range(50)]
    for one in some:
        known.add(one)
    same, other, mapped = Someone("2001:db8:0:1:ffff::1"), Someone("2001:db8:0:2::1"), Someone("::ffff:192.0.2.1")
    for one in (same, other, mapped):
        known.add(one)
    assert [known.admits(one, 0) for one in (same, other, mapped)] == [False, True, True]


def test_the_limits_are_what_the_documents_say() -> None:
    assert (connection_limits.MOST_PER_ADDRESS, connection_limits.MOST_CONNECTIONS) == (50, 400)
    assert (smtp_session.BEFORE_MAIL_SECONDS, smtp_session.LEAST_BYTES_A_SECOND) == (60, 4096)


def told_at_last(link: socket.socket, words: bytes, every: float) -> tuple[bytes, float]:
    """Send `words` every `every` seconds until the server closes; return its answers and the seconds that passed."""
    began, said = time.monotonic(), b""
    link.settimeout(every)
    while time.monotonic() - began < 15:
        try:
            piece = link.recv(4096)
        except TimeoutError:
            piece = b" "
        except ConnectionResetError:
            break
        said += piece
        if not piece:
            break
        with contextlib.suppress(OSError):
            link.sendall(words)
    return said, time.monotonic() - began


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (b"EHLO x\r\n", b"NOOP\r\n"),
        (b"EHLO x\r\nMAIL FROM:<a@b.test>\r\n", b"RSET\r\nMAIL FROM:<a@b.test>\r\n"),
        (b"EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<accredo@desk.test>\r\nDATA\r\n", b".x\r\n"),
    ],
)
def test_who_talks_without_end_is_left(
    people: Cast, home: object, monkeypatch: pytest.MonkeyPatch, before: bytes, words: bytes
) -> None:
    for name in ("BEFORE_MAIL_SECONDS", "_ENVELOPE_SECONDS", "GRACE_SECONDS"):
        monkeypatch.setattr(smtp_session, name, 2)
    with running_intake() as port, socket.create_connection(("127.0.0.1", port), timeout=5) as link:
        link.sendall(before)
        said, seconds = told_at_last(link, words, 0.2)
        # Who speaks while it is hung up on hears a reset instead of the last words.
        assert 1.5 < seconds < 12 and said.startswith(b"220")
    assert InboundMail.objects.count() == 0


def test_a_mail_without_end_is_left_however_fast_it_comes(
    people: Cast, home: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp_session, "_MOST_SECONDS", 2)
    monkeypatch.setattr(smtp_session, "_LOOK_SECONDS", 0.2)
    with running_intake() as port, socket.create_connection(("127.0.0.1", port), timeout=5) as link:
        link.sendall(b"EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<accredo@desk.test>\r\nDATA\r\n")
        _said, seconds = told_at_last(link, b"x\r\n" * 100, 0.1)
        assert 1.5 < seconds < 12
    assert InboundMail.objects.count() == 0


def test_a_slow_mail_that_keeps_coming_is_taken(people: Cast, home: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_session, "GRACE_SECONDS", 1)
    with running_intake() as port, socket.create_connection(("127.0.0.1", port), timeout=10) as link:
        link.sendall(b"EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<accredo@desk.test>\r\nDATA\r\nSubject: x\r\n\r\n")
        for _ in range(12):
            link.sendall((b"y" * 70 + b".\r\n") * 40)  # about 14,000 bytes a second
            time.sleep(0.2)
        link.sendall(b".\r\nQUIT\r\n")
        said = b""
        while piece := link.recv(4096):
            said += piece
        assert b"250 2.6.0" in said


@pytest.mark.parametrize("line", [b"y" * 78, b"." * 78])
def test_a_mail_of_exactly_the_limit_is_taken(people: Cast, intake: int, settings: Settings, line: bytes) -> None:
    settings.MAIL_SIZE_LIMIT = 80_000
    raw = (line + b"\r\n") * 1000
    with smtplib.SMTP("127.0.0.1", intake) as smtp:
        smtp.ehlo()
        for mail, answer in ((raw, 250), (b"+" + raw, 552)):
            smtp.mail("a@b.test")
            smtp.rcpt("accredo@desk.test")
            assert smtp.data(mail)[0] == answer
    assert bytes(InboundMail.objects.get().raw) == raw


def test_rl_11_a_disk_that_fills_after_the_recipient_keeps_nothing(
    people: Cast, intake: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with smtplib.SMTP("127.0.0.1", intake) as smtp:
        smtp.ehlo()
        smtp.mail("a@b.test")
        assert smtp.rcpt("accredo@desk.test")[0] == 250
        monkeypatch.setattr(disk_space, "LOW_WATER", 1 << 60)
        monkeypatch.setattr(disk_space, "LOW_SHARE", 2.0)
        time.sleep(1.1)  # the disk is looked at once a second
        assert smtp.data(letter())[0] == 452
    assert InboundMail.objects.count() == 0
