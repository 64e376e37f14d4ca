"""The connection to the outgoing mail server: opened when needed, kept between mails, checked by TLS."""

import contextlib
import smtplib
import ssl
import time

from otklik.mail.server import Server

CONNECT_SECONDS = 20.0
SECONDS = 60.0
_IDLE_SECONDS = 8.0
_MOST_MAILS = 200
# "Authentication required" and its kin (RFC 4954 section 6): our settings are wrong, not the recipient.
_CONFIGURATION = {454, 530, 534, 535, 538}


class ServerTrouble(Exception):
    """The server cannot be used now: unreachable, silent, no TLS, wrong password. Nothing is known of the mail."""


class Refused(Exception):
    """The server refused this mail: `permanent` for 5xx, with its own words."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.permanent = 500 <= code < 600


class Post:
    """One connection. Not for several threads."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._link: smtplib.SMTP | None = None
        self._used_at, self._sent = 0.0, 0

    def send(self, sender: str, recipient: str, raw: bytes) -> str:
        """Hand one mail over; returns the server's words. Raises Refused or ServerTrouble."""
        reused = self._link is not None
        try:
            return self._hand_over(sender, recipient, raw)
        except smtplib.SMTPServerDisconnected as error:
            self.close()
            if not reused or self._past_data:
                raise ServerTrouble(f"the server hung up: {error}") from error
        # An idle connection was closed by the other side before it took anything: once more, afresh.
        try:
            return self._hand_over(sender, recipient, raw)
        except smtplib.SMTPServerDisconnected as error:
            self.close()
            raise ServerTrouble(f"the server hung up: {error}") from error

    def close(self) -> None:
        """End the connection; the next mail opens a new one."""
        link, self._link = self._link, None
        if link is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                link.close()

    def close_if_idle(self) -> None:
        """Leave politely when nothing was sent for some seconds."""
        if self._link is not None and time.monotonic() - self._used_at > _IDLE_SECONDS:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._link.quit()
            self.close()

    def _hand_over(self, sender: str, recipient: str, raw: bytes) -> str:
        self._past_data = False
        link = self._connected()
        try:
            self._expect(link.mail(sender, _options(link, sender, recipient)))
            self._expect(link.rcpt(recipient))
            self._past_data = True
            code, words = link.data(raw)
        except smtplib.SMTPDataError as error:
            code, words = error.smtp_code, _bytes(error.smtp_error)
        except OSError as error:
            # Time-outs, resets. smtplib's own errors are OSErrors too, and two of them mean something else.
            if isinstance(error, smtplib.SMTPServerDisconnected):
                raise
            self.close()
            raise ServerTrouble(f"{type(error).__name__}: {error}") from error
        self._expect((code, words))
        self._used_at, self._sent = time.monotonic(), self._sent + 1
        return _text(code, words)

    def _expect(self, answer: tuple[int, bytes]) -> None:
        code, words = answer
        if 200 <= code < 300:
            return
        said = _text(code, words)
        if code in _CONFIGURATION or code == 421:
            self.close()
            raise ServerTrouble(said)
        self._reset()
        raise Refused(code, said)

    def _reset(self) -> None:
        try:
            if self._link is not None:
                self._link.rset()
        except (OSError, smtplib.SMTPException):
            self.close()

    def _connected(self) -> smtplib.SMTP:
        if self._link is not None and self._sent >= _MOST_MAILS:
            self.close()
        if self._link is None:
            self._sent = 0
            try:
                self._link = _open(self.server)
            except (OSError, smtplib.SMTPException) as error:
                raise ServerTrouble(f"{self.server.host}:{self.server.port}: {error}") from error
        return self._link


def greeting(server: Server) -> str:
    """Connect, encrypt and log in as for a mail, and leave; returns how it is encrypted. Raises what goes wrong."""
    link = _open(server)
    try:
        code, words = link.noop()
        encrypted = "encrypted" if isinstance(link.sock, ssl.SSLSocket) else "not encrypted"
        if code >= 400:
            raise smtplib.SMTPResponseException(code, words)
    finally:
        link.close()
    return f"{encrypted}{', logged in' if server.user else ''}"


def _options(link: smtplib.SMTP, sender: str, recipient: str) -> list[str]:
    """What MAIL says besides the sender. Raises Refused where the addresses need what the server does not speak."""
    options = ["BODY=8BITMIME"] if link.has_extn("8bitmime") else []
    link.command_encoding = "ascii"
    if not (sender + recipient).isascii():
        if not link.has_extn("smtputf8"):
            # RFC 6531 section 3.7.4: such a mail cannot be sent on.
            raise Refused(553, "553 5.6.7 the outgoing mail server cannot send to addresses with letters beyond ASCII")
        link.command_encoding = "utf-8"
        options.append("SMTPUTF8")
    return options


def _open(server: Server) -> smtplib.SMTP:
    """A ready connection. Certificates are always verified; nothing falls back to clear text (AB-99)."""
    if server.implicit_tls:
        link: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=CONNECT_SECONDS, context=ssl.create_default_context()
        )
    else:
        link = smtplib.SMTP(server.host, server.port, timeout=CONNECT_SECONDS)
    try:
        _secure(link, server)
        if link.sock is not None:
            link.sock.settimeout(SECONDS)
    except BaseException:
        link.close()
        raise
    return link


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


def _bytes(words: bytes | str) -> bytes:
    return words if isinstance(words, bytes) else words.encode("utf-8", "replace")


def _text(code: int, words: bytes) -> str:
    return f"{code} {_bytes(words).decode('utf-8', 'replace')}".replace("\0", "")[:2000]
