"""The SMTP connection to the outgoing server: opened on demand, kept between mails, TLS verified."""

import contextlib
import math
import re
import smtplib
import socket
import ssl
import time
from typing import Any

from otklik.mail.outgoing_server import Server
from otklik.mail.smtp_refusals import LOGIN, Blame, Stage, blame, is_about_the_sender

CONNECT_SECONDS = 30.0
# RFC 5321 section 4.5.3.2. A shorter timeout would send another copy of a mail that the server does accept.
GREETING_SECONDS = MAIL_SECONDS = RCPT_SECONDS = 300.0
DATA_SECONDS, BLOCK_SECONDS, DOT_SECONDS = 120.0, 180.0, 600.0
_BLOCK = 64 * 1024
_IDLE_SECONDS = 8.0
_MOST_MAILS = 200
# How long to remember that the server accepts the plain return address only.
_PLAIN_SECONDS = 3600.0


class ServerUnavailable(Exception):
    """The server is unusable now: unreachable, silent, no TLS, wrong password. Says nothing about the mail.

    `possibly_delivered`: it got the whole mail but did not confirm it.
    """

    def __init__(self, message: str, *, possibly_delivered: bool = False) -> None:
        super().__init__(message)
        self.possibly_delivered = possibly_delivered


class Refused(Exception):
    """The server refused this mail at `stage`, with its reply. `permanent`: 5xx; `blame`: whose problem it is."""

    def __init__(self, stage: Stage, code: int, message: str) -> None:
        super().__init__(message)
        self.stage, self.code = stage, code
        self.permanent = 500 <= code < 600
        self.blame = blame(stage, code, message)

    @property
    def is_sender_rejected(self) -> bool:
        """Whether another envelope sender might be accepted: refused before a recipient, or because of the sender."""
        if self.stage == Stage.MAIL:
            return self.blame != Blame.MAIL
        return self.blame in {Blame.RELAY, Blame.POLICY} and is_about_the_sender(str(self))


class SmtpConnection:
    """A connection. Not thread-safe, except `stage`, which tells what it waits for.

    `most_seconds`: limit for every reply; by default the RFC's limits.
    """

    def __init__(self, server: Server, most_seconds: float = math.inf) -> None:
        self.server, self._most_seconds = server, most_seconds
        self.stage = Stage.OPEN
        self._link: smtplib.SMTP | None = None
        self._used_at, self._sent = 0.0, 0
        self._plain_until: dict[str, float] = {}

    def send(self, sender: str, recipient: str, raw: bytes, plain: str = "") -> str:
        """Send one mail; return the server's reply. Raises Refused or ServerUnavailable.

        `plain`: the envelope sender to use if the server rejects `sender`.
        """
        if not plain or plain == sender:
            return self._send(sender, recipient, raw)
        form = plain if sender else f"<>{plain}"
        if time.monotonic() < self._plain_until.get(form, 0.0):
            return self._send(plain, recipient, raw)
        try:
            return self._send(sender, recipient, raw)
        except Refused as refusal:
            if not refusal.is_sender_rejected:
                raise
        answer = self._send(plain, recipient, raw)
        self._plain_until[form] = time.monotonic() + _PLAIN_SECONDS
        return answer

    def close(self) -> None:
        """Close the connection; the next mail opens a new one."""
        link, self._link = self._link, None
        if link is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                link.close()

    def close_if_idle(self) -> None:
        """QUIT if nothing was sent for some seconds."""
        if self._link is not None and time.monotonic() - self._used_at > _IDLE_SECONDS:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._wait_at_most(CONNECT_SECONDS)
                self._link.quit()
            self.close()

    def refusal_of(self, sender: str, recipient: str) -> Refused | None:
        """Return the server's refusal of this sender or recipient, None if it accepts them; sends nothing. Raises
        ServerUnavailable."""
        try:
            link = self._connected()
            self._envelope(link, sender, recipient)
        except Refused as refusal:
            return refusal
        except OSError as error:
            self.close()
            raise ServerUnavailable(f"{type(error).__name__}: {error}") from error
        self._reset()
        return None

    def _send(self, sender: str, recipient: str, raw: bytes) -> str:
        reused = self._link is not None
        try:
            return self._hand_over(sender, recipient, raw)
        except smtplib.SMTPServerDisconnected as error:
            self._lost(error, final=not reused)
        # The server closed the idle connection before it took anything: try once more with a new one.
        try:
            return self._hand_over(sender, recipient, raw)
        except smtplib.SMTPServerDisconnected as error:
            self._lost(error, final=True)
            raise

    def _lost(self, error: Exception, *, final: bool) -> None:
        self.close()
        was_silent = isinstance(error.__context__, TimeoutError)
        if final or was_silent or self.stage in {Stage.DATA, Stage.DOT}:
            reason = f"the server did not answer: {error}" if was_silent else f"the server hung up: {error}"
            raise ServerUnavailable(reason, possibly_delivered=self.stage == Stage.DOT) from error

    def _hand_over(self, sender: str, recipient: str, raw: bytes) -> str:
        self.stage = Stage.OPEN
        link = self._connected()
        try:
            self._envelope(link, sender, recipient)
            answer = self._content(link, raw)
        except OSError as error:
            # Time-outs, resets. smtplib's own errors are OSErrors too, and this one means something else.
            if isinstance(error, smtplib.SMTPServerDisconnected):
                raise
            self.close()
            reason = f"{type(error).__name__}: {error}"
            raise ServerUnavailable(reason, possibly_delivered=self.stage == Stage.DOT) from error
        self._expect(answer)
        self._used_at, self._sent = time.monotonic(), self._sent + 1
        return _text(*answer)

    def _envelope(self, link: smtplib.SMTP, sender: str, recipient: str) -> None:
        self.stage = Stage.MAIL
        self._wait_at_most(MAIL_SECONDS)
        self._expect(link.mail(sender, _options(link, sender, recipient)))
        self.stage = Stage.RCPT
        self._wait_at_most(RCPT_SECONDS)
        self._expect(link.rcpt(recipient))

    def _content(self, link: smtplib.SMTP, raw: bytes) -> tuple[int, bytes]:
        """smtplib's `data` in blocks: there a single timeout applies to all that is sent."""
        self.stage = Stage.DATA
        self._wait_at_most(DATA_SECONDS)
        code, answer_text = link.docmd("data")
        if code != 354:
            # "Yes" to this command is no "yes" to the mail.
            return (code, answer_text) if code >= 400 else (-1, answer_text)
        self._wait_at_most(BLOCK_SECONDS)
        stuffed = re.sub(rb"(?m)^\.", b"..", raw)
        stuffed += b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n"
        for start in range(0, len(stuffed), _BLOCK):
            if start + _BLOCK >= len(stuffed):
                # From here on it may be taken, whatever becomes of the connection.
                self.stage = Stage.DOT
            _write(link, stuffed[start : start + _BLOCK])
        self._wait_at_most(DOT_SECONDS)
        return link.getreply()

    def _expect(self, answer: tuple[int, bytes]) -> None:
        code, answer_text = answer
        if 200 <= code < 300:
            return
        shown = _text(code, answer_text)
        if code in LOGIN or code == 421:
            self.close()
            raise ServerUnavailable(shown)
        if code == -1:
            # smtplib's way to say that it could not read a reply.
            self.close()
            raise ServerUnavailable(
                f"the server sent no valid reply: {shown}", possibly_delivered=self.stage == Stage.DOT
            )
        self._reset()
        raise Refused(self.stage, code, shown)

    def _wait_at_most(self, seconds: float) -> None:
        if self._link is not None and self._link.sock is not None:
            self._link.sock.settimeout(min(seconds, self._most_seconds))

    def _reset(self) -> None:
        try:
            if self._link is not None:
                self._wait_at_most(CONNECT_SECONDS)
                self._link.rset()
        except (OSError, smtplib.SMTPException):
            self.close()

    def _connected(self) -> smtplib.SMTP:
        if self._link is not None and self._sent >= _MOST_MAILS:
            self.close()
        if self._link is None:
            self._sent = 0
            try:
                self._link = _open(self.server, min(GREETING_SECONDS, self._most_seconds))
            except (OSError, smtplib.SMTPException) as error:
                raise ServerUnavailable(f"{self.server.host}:{self.server.port}: {_said(error)}") from error
        return self._link


def check_connection(server: Server) -> str:
    """Connect, encrypt, log in and leave; return how it is encrypted. Raises what goes wrong."""
    link = _open(server, CONNECT_SECONDS)
    try:
        code, answer_text = link.noop()
        encrypted = "encrypted" if isinstance(link.sock, ssl.SSLSocket) else "not encrypted"
        if code >= 400:
            raise smtplib.SMTPResponseException(code, answer_text)
    finally:
        link.close()
    return f"{encrypted}{', logged in' if server.user else ''}"


def _options(link: smtplib.SMTP, sender: str, recipient: str) -> list[str]:
    """Return the parameters of MAIL. Raises Refused if the addresses need an extension that the server lacks."""
    options = ["BODY=8BITMIME"] if link.has_extn("8bitmime") else []
    link.command_encoding = "ascii"
    if not (sender + recipient).isascii():
        if not link.has_extn("smtputf8"):
            # RFC 6531 section 3.7.4: such a mail cannot be sent on.
            refusal = "553 5.6.7 the outgoing mail server cannot send to addresses with letters beyond ASCII"
            raise Refused(Stage.GONE, 553, refusal)
        link.command_encoding = "utf-8"
        options.append("SMTPUTF8")
    return options


class _SlowGreetingMixin:
    """A short timeout for connecting, and minutes for the greeting (RFC 5321 section 4.5.3.2.1)."""

    greeting_seconds: float

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        link: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        link.settimeout(self.greeting_seconds)
        return link


class _Plain(_SlowGreetingMixin, smtplib.SMTP):
    pass


class _Tls(_SlowGreetingMixin, smtplib.SMTP_SSL):
    pass


class _Lmtp(_SlowGreetingMixin, smtplib.LMTP):
    pass


def _open(server: Server, seconds: float) -> smtplib.SMTP:
    """Open a connection, with `seconds` for each reply. Certificates are verified, and there is no fallback to clear
    text (AB-99)."""
    if server.implicit_tls:
        link: Any = _Tls(timeout=CONNECT_SECONDS, context=ssl.create_default_context())
    else:
        link = _Lmtp(timeout=CONNECT_SECONDS) if server.is_lmtp else _Plain(timeout=CONNECT_SECONDS)
    link.greeting_seconds = seconds
    # As smtplib does when it is given the host at once; certificates are checked for this name.
    link._host = server.host
    try:
        code, answer_text = link.connect(server.host, server.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, answer_text)
        _secure(link, server)
    except BaseException:
        link.close()
        raise
    return link  # type: ignore[no-any-return]


def _secure(link: smtplib.SMTP, server: Server) -> None:
    link.ehlo_or_helo_if_needed()
    if not server.implicit_tls and server.may_encrypt:
        if link.has_extn("starttls"):
            link.starttls(context=ssl.create_default_context())
            link.ehlo()
        elif server.must_encrypt:
            raise smtplib.SMTPException("the server offers no STARTTLS, which this setting requires")
    if server.user:
        link.login(server.user, server.password)


def _write(link: smtplib.SMTP, block: bytes) -> None:
    if link.sock is None:
        raise smtplib.SMTPServerDisconnected("please run connect() first")
    link.sock.sendall(block)


def _said(error: Exception) -> str:
    """Return the server's reply from smtplib's errors, decoded."""
    if isinstance(error, smtplib.SMTPResponseException):
        return _text(error.smtp_code, _bytes(error.smtp_error))
    return str(error)


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "replace")


def _text(code: int, answer_text: bytes) -> str:
    return f"{code} {_bytes(answer_text).decode('utf-8', 'replace')}".replace("\0", "")[:2000]
