"""A folder with two hundred thousand old mails (RL-18), on a simulated server that follows RFC 3501."""

import contextlib
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field

import psutil
import pytest
from django.utils import timezone

from otklik.mail.imap.fetch import fetch_once
from otklik.mail.imap.secret import sealed_password
from otklik.mail.imap.survey import survey
from otklik.mail.models import ImapAccount, InboundMail
from tests.cast import Cast
from tests.mail.imap.conftest import unsaved
from tests.mail.imap.servers import Dovecot, listening
from tests.postoffice import letter
from tests.refusing import refused_as

pytestmark = [pytest.mark.services, pytest.mark.slow]

MAILS, OLD = 200_000, 199_950


@dataclass
class Huge:
    """An IMAP server with mails 1 to MAILS; the first OLD of them are from 2020.

    `breaks_at`: a UID at which the connection breaks once.
    """

    breaks_at: int = 0
    looked_at: list[int] = field(default_factory=list)
    longest_line: int = 0
    port: int = 0

    @contextlib.contextmanager
    def running(self) -> Iterator["Huge"]:
        with listening(self._serve) as self.port:
            yield self

    def _serve(self, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._speak(server.accept()[0])

    def _speak(self, link: socket.socket) -> None:
        with link, link.makefile("rwb") as line, contextlib.suppress(OSError):
            self._say(line, b"* OK [CAPABILITY IMAP4rev1] ready")
            while command := line.readline().rstrip():
                tag, _, words = command.partition(b" ")
                if not self._answer(line, words):
                    link.shutdown(socket.SHUT_RDWR)
                    return
                self._say(line, tag + b" OK done")

    def _say(self, line: object, said: bytes) -> None:
        self.longest_line = max(self.longest_line, len(said))
        line.write(said + b"\r\n")  # type: ignore[attr-defined]
        line.flush()  # type: ignore[attr-defined]

    def _answer(self, line: object, words: bytes) -> bool:
        if words.startswith(b"CAPABILITY"):
            self._say(line, b"* CAPABILITY IMAP4rev1")
        elif words.startswith((b"EXAMINE", b"SELECT")):
            head = f"* {MAILS} EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT {MAILS + 1}] ok"
            self._say(line, head.encode())
        elif found := re.match(rb"UID SEARCH UID (\d+):(\d+)$", words):
            uids = range(int(found[1]), min(int(found[2]), MAILS) + 1)
            self._say(line, b"* SEARCH " + " ".join(map(str, uids)).encode())
        elif found := re.match(rb"UID FETCH ([\d,]+) \(RFC822.SIZE INTERNALDATE\)$", words):
            return self._facts(line, [int(uid) for uid in found[1].split(b",")])
        elif found := re.match(rb"UID FETCH (\d+) \(BODY.PEEK\[\]\)$", words):
            mail = mail_of(int(found[1]))
            self._say(line, b"* %s FETCH (UID %s BODY[] {%d}\r\n%s)" % (found[1], found[1], len(mail), mail))
        return True

    def _facts(self, line: object, uids: list[int]) -> bool:
        if self.breaks_at in uids:
            self.breaks_at = 0
            return False
        self.looked_at += uids
        for uid in uids:
            year = 2020 if uid <= OLD else 2026
            size = len(mail_of(uid)) if uid > OLD else 1000
            fact = f'* {uid} FETCH (UID {uid} RFC822.SIZE {size} INTERNALDATE "01-Nov-{year} 10:00:00 +0000")'
            self._say(line, fact.encode())
        return True


def mail_of(uid: int) -> bytes:
    return letter(subject=f"{uid}", Message_ID=f"<{uid}@huge.test>").replace(b"\n", b"\r\n")


def _why(account: ImapAccount) -> str:
    with refused_as("mail.imap_ascii_only") as refusal:
        survey(account)
    return str(refusal.value)


def test_rl_18_two_hundred_thousand_old_mails_are_looked_through_once_in_little_memory(
    people: Cast, dovecot: Dovecot, user: str
) -> None:
    with Huge(breaks_at=120_000).running() as server:
        account = unsaved(dovecot, user, port=server.port, uidvalidity=7, import_below=MAILS + 1)
        assert "ASCII" in _why(account)
        account.start_from = timezone.now().replace(year=2026, month=1, day=1)
        account.secret = sealed_password("geheim")
        account.save()
        before = psutil.Process().memory_info().rss
        assert "broke" in next(iter(fetch_once().values()))
        ImapAccount.objects.update(retry_at=None)
        assert set(fetch_once().values()) == {""}
        grown = psutil.Process().memory_info().rss - before
    assert server.looked_at == list(range(1, MAILS + 1))
    assert server.longest_line < 1_000_000
    assert grown < 100 * 1024 * 1024
    assert InboundMail.objects.filter(imported=True, copies=1).count() == MAILS - OLD
