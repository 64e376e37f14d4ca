"""One SMTP or LMTP connection."""

import asyncio
import re
from typing import Any
from urllib.parse import urlsplit

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP
from django.conf import settings

from otklik.intake.store_pool import Reception
from otklik.mail.models import Mailbox

# RFC 5321, 4.5.3.2: a server waits five minutes for the next command. Connections without a sender, and transfers, have
# further limits, so that a slow client cannot hold a connection for ever.
_SECONDS = 300
BEFORE_MAIL_SECONDS = 60
_ENVELOPE_SECONDS = 300
# A transfer may take a minute, and then as long as it has this rate in bytes per second, for half an hour at most.
LEAST_BYTES_A_SECOND = 4096
GRACE_SECONDS = 60
_MOST_SECONDS = 1800
_LOOK_SECONDS = 5
_LONGEST_COMMAND = 4096

TOO_LARGE = "552 5.3.4 The message is larger than {limit} bytes"
CLOSING = "421 4.3.2 Closing, try again later"
TOO_MANY = "421 4.7.0 Too many connections, try again later"
TOO_SLOW = "421 4.4.2 Too slow, try again later"

# Replies of aiosmtpd without enhanced status codes.
_UNCODED = re.compile(r"^([45])(\d\d) (?!\1\.\d{1,3}\.\d{1,3} )")
_UNCODED_YES = re.compile(r"^(\d{3}) (?=OK$|Bye$|Syntax: |Supported commands: |Cannot VRFY )")
_TOO_LARGE_CODE = "52"


class _Handler:
    """Hooks that aiosmtpd calls."""

    def __init__(self, session: "_Session") -> None:
        self.session = session

    async def handle_EHLO(  # noqa: N802
        self, _server: Any, session: Any, _envelope: Any, hostname: str, answers: list[str]
    ) -> list[str]:
        """Announce PIPELINING (RFC 2920); aiosmtpd replies in the order of the commands anyway."""
        session.host_name = hostname
        return [*answers[:-1], "250-PIPELINING", "250-ENHANCEDSTATUSCODES", answers[-1]]

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        answer = await self.session.reception.mailbox(address)
        if isinstance(answer, str):
            return answer
        envelope.rcpt_tos.append(address)
        self.session.boxes[address] = answer
        return "250 2.1.5 OK"


class _Session:
    """Code shared by SMTP and LMTP sessions. Mixed in before aiosmtpd's class."""

    transport_name = "smtp"
    # Senders write longer lines than RFC 5321 allows; refusing them would lose their mail.
    line_length_limit = 1024 * 1024

    def __init__(self, reception: Reception, loop: asyncio.AbstractEventLoop) -> None:
        self.reception = reception
        self.boxes: dict[str, Mailbox] = {}
        self.receiving = False
        self.busy = False
        self.peer_host, self.since = "", loop.time()
        self._came_at = 0.0
        self._received = 0
        self._deadline: asyncio.TimerHandle | None = None
        super().__init__(
            _Handler(self),
            data_size_limit=settings.MAIL_SIZE_LIMIT,
            enable_SMTPUTF8=True,
            hostname=urlsplit(settings.PUBLIC_URL).hostname,
            ident="Otklik",
            timeout=_SECONDS,
            loop=loop,
        )  # type: ignore[call-arg]

    def connection_made(self, transport: Any) -> None:
        self.peer_host = str((transport.get_extra_info("peername") or ("",))[0])
        self.reception.sessions.add(self)
        self._end_in(BEFORE_MAIL_SECONDS)
        super().connection_made(transport)  # type: ignore[misc]

    def connection_lost(self, error: Exception | None) -> None:
        self.reception.sessions.remove(self)
        if self._deadline is not None:
            self._deadline.cancel()
        super().connection_lost(error)  # type: ignore[misc]

    async def _handle_client(self) -> None:
        if self.reception.stopping:
            self._hang_up(CLOSING)
            return
        if not self.reception.sessions.admits(self, self.loop.time()):  # type: ignore[attr-defined]
            self.refuse()
            return
        await super()._handle_client()  # type: ignore[misc]

    async def push(self, status: Any) -> None:
        """Send a reply with an enhanced status code (RFC 2034), which we announce and LMTP requires (RFC 2033)."""
        if isinstance(status, str):
            status = _UNCODED.sub(_coded, _UNCODED_YES.sub(r"\1 2.0.0 ", status))
        await super().push(status)  # type: ignore[misc]

    def leave_if_idle(self) -> None:
        """Close the connection unless a mail is being received."""
        if not self.receiving:
            self._hang_up(CLOSING)

    def refuse(self) -> None:
        """Reply that there are too many connections, and close."""
        self._hang_up(TOO_MANY)

    def _hang_up(self, reply: str) -> None:
        if self.transport is not None:  # type: ignore[attr-defined]
            self.transport.write(f"{reply}\r\n".encode())  # type: ignore[attr-defined]
        self.drop()

    def _end_in(self, seconds: float) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(seconds, self._hang_up, TOO_SLOW)  # type: ignore[attr-defined]

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802
        """Accept a sender. The first one starts the envelope's time limit; RSET and another sender do not extend it."""
        await super().smtp_MAIL(arg)  # type: ignore[misc]
        if not self.busy and self.envelope.mail_from is not None:  # type: ignore[attr-defined]
            self.busy = True
            self._end_in(_ENVELOPE_SECONDS)

    def drop(self) -> None:
        """Close the connection at once, without a reply."""
        self.reception.sessions.remove(self)
        if self.transport is not None:  # type: ignore[attr-defined]
            self.transport.close()  # type: ignore[attr-defined]

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Receive a mail. Only CR LF . CR LF ends it: a lone LF or CR is content, never a command (AB-18)."""
        envelope = self.envelope  # type: ignore[attr-defined]
        if await self.check_helo_needed():  # type: ignore[attr-defined]
            return
        if not envelope.rcpt_tos or arg:
            await self.push("501 5.5.4 Syntax: DATA" if arg else "503 5.5.1 Need RCPT")
            return
        self.receiving = True
        try:
            await self._receive(envelope)
        finally:
            self.receiving = False

    async def _receive(self, envelope: Any) -> None:
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        self._watch_pace(self.loop.time(), self._received)  # type: ignore[attr-defined]
        raw = await self._read_mail()
        # The client has done its part: no time limit while we store the mail.
        self._end_in(_MOST_SECONDS)
        boxes = [(address, self.boxes[address]) for address in envelope.rcpt_tos]
        if raw is None:
            answers = [TOO_LARGE.format(limit=settings.MAIL_SIZE_LIMIT)] * len(boxes)
        else:
            answers = await self._store(raw, str(envelope.mail_from), boxes)
        self._set_post_data_state()  # type: ignore[attr-defined]
        self.boxes.clear()
        self.busy, self.since = False, self.loop.time()  # type: ignore[attr-defined]
        self._end_in(BEFORE_MAIL_SECONDS)
        await self.push("\r\n".join(self.reply(answers)))

    async def _store(self, raw: bytes, sender: str, boxes: list[tuple[str, Mailbox]]) -> list[str]:
        """Store the mail; return one reply per recipient.

        Several addresses of one mailbox are one delivery, for the longest address, which may contain a token.
        """
        best: dict[int, tuple[str, Mailbox]] = {}
        for address, box in boxes:
            known = best.get(box.pk)
            if known is None or len(address) > len(known[0]):
                best[box.pk] = (address, box)
        answers = {
            pk: await self.reception.store(raw, box, (sender, address), self.transport_name)
            for pk, (address, box) in best.items()
        }
        return [answers[box.pk] for _, box in boxes]

    def reply(self, answers: list[str]) -> list[str]:
        """Return SMTP's single reply: the worst one, so that the client retries rather than a recipient missing the
        mail."""
        return [max(answers, key=lambda answer: (answer[0] == "4", answer[0] == "5"))]

    def data_received(self, data: bytes) -> None:
        """Count incoming bytes, including unfinished lines."""
        self._received += len(data)
        now = self.loop.time()  # type: ignore[attr-defined]
        if now - self._came_at > 1:
            # A new timer for each piece would cost more than the piece.
            self._reset_timeout()  # type: ignore[attr-defined]
            self._came_at = now
        super().data_received(data)  # type: ignore[misc]

    def _watch_pace(self, began: float, before: int) -> None:
        """Close the connection if the mail arrives too slowly; checked every few seconds."""
        taken = self.loop.time() - began  # type: ignore[attr-defined]
        least = (taken - GRACE_SECONDS) * LEAST_BYTES_A_SECOND
        if taken > _MOST_SECONDS or self._received - before < least:
            self._hang_up(TOO_SLOW)
            return
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(_LOOK_SECONDS, self._watch_pace, began, before)  # type: ignore[attr-defined]

    async def _read_mail(self) -> bytes | None:
        """Return the mail with dot-stuffing undone; None if it exceeds the limit, after reading it to its end."""
        data, size, stuffed, dropped = bytearray(b"\r\n"), 0, 0, False
        while not (data.endswith(b"\r\n.\r\n")):
            piece = await self._read_piece()
            size += len(piece)
            data += piece
            # The limit applies to the mail itself (RFC 1870), without stuffed dots.
            stuffed += data.count(b"\r\n..", max(0, len(data) - len(piece) - 3))
            if size - stuffed > settings.MAIL_SIZE_LIMIT + 3:
                dropped = True
                del data[:-5]
            if size > 4 * settings.MAIL_SIZE_LIMIT:
                self.drop()
                raise asyncio.CancelledError
        return None if dropped else bytes(data[:-3]).replace(b"\r\n.", b"\r\n")[2:]

    async def _read_piece(self) -> bytes:
        """Return the bytes up to the next possible end, or what is available."""
        reader: asyncio.StreamReader = self._reader  # type: ignore[attr-defined]
        try:
            return await reader.readuntil(b".\r\n")
        except asyncio.LimitOverrunError as error:
            return await reader.read(max(1, error.consumed))


def _coded(match: re.Match[str]) -> str:
    kind, rest = match.groups()
    return f"{kind}{rest} {kind}.{'3.4' if rest == _TOO_LARGE_CODE else '5.0'} "


class SmtpSession(_Session, SMTP):  # type: ignore[misc]
    """SMTP: a single reply after the data."""

    command_size_limit = _LONGEST_COMMAND


class LmtpSession(_Session, LMTP):  # type: ignore[misc]
    """LMTP: a reply per recipient after the data (RFC 2033 section 4.2)."""

    command_size_limit = _LONGEST_COMMAND
    transport_name = "lmtp"

    def reply(self, answers: list[str]) -> list[str]:
        return answers
