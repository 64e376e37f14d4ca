"""A logged-in IMAP connection: verified TLS, bounded waits, and only the commands that fetching needs."""

import contextlib
import imaplib
import logging
import select
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import LoginError

from otklik.core.loopback import is_loopback
from otklik.mail.imap.errors import ImapTrouble, LoginRefused, NotSecure, ServerRefused, in_words
from otklik.mail.imap.oauth import Tokens
from otklik.mail.imap.secret import password_of
from otklik.mail.models import ImapAccount
from otklik.mail.refusals import MailRefusal

CONNECT_SECONDS, READ_SECONDS = 30.0, 60.0
WINDOW = 500
# imaplib refuses lines over a million bytes, and a UID with its blank takes up to eleven.
_SEARCH_SPAN = 50_000
_HIGHEST_UID = 2**32 - 1
_LOOK_SECONDS = 0.5
# RFC 3501: date-month, in English whatever the locale.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Response codes for a server that is merely busy (RFC 5530): the password is not at fault.
_NOT_NOW = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]", "[CONTACTADMIN]")

# At DEBUG level the library logs every line that it sends.
logging.getLogger("imapclient").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Folder:
    """The result of SELECT. `uidnext`: the next UID, 0 if the server does not say; `exists`: number of mails."""

    uidvalidity: int
    uidnext: int
    exists: int


@dataclass(frozen=True, slots=True)
class Fact:
    """What the server reports of a mail before it is fetched: its size in bytes and its arrival."""

    size: int
    came: datetime


class Link:
    """A logged-in connection. Methods raise ImapTrouble; only after its subclass ServerRefused is it still usable."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._busy_since = 0.0
        self._exists = 0

    def busy_for(self) -> float:
        """Seconds since the current command was sent; 0 between commands."""
        return time.monotonic() - self._busy_since if self._busy_since else 0.0

    def cut(self) -> None:
        """Break the connection from another thread: a call that waits for the server raises ImapTrouble at once."""
        with contextlib.suppress(OSError, AttributeError):
            self._client.socket().shutdown(socket.SHUT_RDWR)

    def select(self, folder: str, *, readonly: bool) -> Folder:
        """Open the folder; with `readonly` (EXAMINE) the server changes nothing in it either, such as \\Recent."""
        with self._at_work():
            status = self._client.select_folder(folder, readonly=readonly)
        self._exists = int(status.get(b"EXISTS", 0))
        return Folder(int(status.get(b"UIDVALIDITY", 0)), int(status.get(b"UIDNEXT", 0)), self._exists)

    def highest_uid(self) -> int:
        """The highest UID in the open folder, 0 if it is empty."""
        if not self._exists:
            return 0
        with self._at_work():
            return max(self._client.search("UID *"), default=0)

    def windows(self, above: int, highest: int) -> Iterator[list[int]]:
        """The UIDs above `above` up to `highest` in ascending order, in lists of WINDOW at most (RL-18)."""
        for low, high in self._spans(above, highest):
            uids = self._search(low, high)
            for start in range(0, len(uids), WINDOW):
                yield uids[start : start + WINDOW]

    def count_since(self, day: date, highest: int) -> int:
        """How many mails up to UID `highest` arrived on `day` or later, in the server's time zone."""
        since = f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year:04}"
        return sum(len(self._search(low, high, since)) for low, high in self._spans(0, highest))

    def facts(self, uids: Sequence[int]) -> dict[int, Fact]:
        """Size and arrival of these mails by UID; mails that are gone are left out."""
        with self._at_work():
            rows = self._client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"])
            return {uid: _fact(items) for uid, items in rows.items()}

    def whole(self, uid: int) -> bytes | None:
        """All bytes of the mail; None if it is gone. Sets no flag."""
        return self._bytes(uid, "BODY.PEEK[]", b"BODY[]")

    def beginning(self, uid: int, most: int) -> bytes | None:
        """The first `most` bytes of the mail; None if it is gone."""
        return self._bytes(uid, f"BODY.PEEK[]<0.{most}>", b"BODY[]<0>")

    def head(self, uid: int) -> bytes | None:
        """The mail's header; None if it is gone."""
        return self._bytes(uid, "BODY.PEEK[HEADER]", b"BODY[HEADER]")

    def mark_seen(self, uid: int) -> None:
        """Set the flag \\Seen, so that the mail counts as read."""
        with self._at_work():
            self._client.add_flags([uid], [rb"\Seen"], silent=True)

    def move(self, uid: int, folder: str) -> None:
        """Move the mail (RFC 6851), or else copy it and expunge this one mail (RFC 4315).

        Raises ServerRefused if the server supports neither, as a plain EXPUNGE would also remove mail that others
        deleted.
        """
        with self._at_work():
            if self._client.has_capability("MOVE"):
                self._client.move([uid], folder)
                return
            if not self._client.has_capability("UIDPLUS"):
                raise ServerRefused(MailRefusal.IMAP_CANNOT_MOVE)
            self._client.copy([uid], folder)
            self._client.add_flags([uid], [rb"\Deleted"], silent=True)
            self._client.uid_expunge([uid])

    def ensure_folder(self, folder: str) -> None:
        """Create the folder unless it exists."""
        with self._at_work():
            if not self._client.folder_exists(folder):
                self._client.create_folder(folder)

    def wait(self, seconds: float, over: Callable[[], bool]) -> None:
        """Wait until the server reports a change (IDLE, RFC 2177), `seconds` have passed, or `over()` is true.

        Without IDLE only the latter two end it.
        """
        if not self._can_idle():
            _sleep(seconds, over)
            return
        with self._at_work():
            self._client.idle()
        self._busy_since = 0.0
        with in_words():
            self._listen(time.monotonic() + seconds, over)
        with self._at_work():
            self._client.idle_done()

    def _spans(self, above: int, highest: int) -> Iterator[tuple[int, int]]:
        """Split a range of UIDs so that the result of searching each part fits into one line of the answer."""
        span = _HIGHEST_UID if self._exists <= _SEARCH_SPAN else _SEARCH_SPAN
        for low in range(above + 1, highest + 1, span):
            yield low, min(low + span - 1, highest)

    def _search(self, low: int, high: int, more: str = "") -> list[int]:
        with self._at_work():
            numbers = self._client.search(f"UID {low}:{high} {more}".strip())
        # Servers may answer a range with UIDs outside it, or name a UID twice.
        return sorted(uid for uid in set(numbers) if low <= uid <= high)

    def _can_idle(self) -> bool:
        with self._at_work():
            return bool(self._client.has_capability("IDLE"))

    def _listen(self, end: float, over: Callable[[], bool]) -> None:
        link = self._client.socket()
        if _has_more(self._client, link):
            return
        poll = select.poll()
        poll.register(link, select.POLLIN)
        while not over() and time.monotonic() < end:
            if poll.poll(_LOOK_SECONDS * 1000):
                return

    def _bytes(self, uid: int, item: str, key: bytes) -> bytes | None:
        with self._at_work():
            items = self._client.fetch([uid], [item]).get(uid, {})
        value = items.get(key)
        return value if isinstance(value, bytes) else None

    @contextlib.contextmanager
    def _at_work(self) -> Iterator[None]:
        self._busy_since = time.monotonic()
        try:
            with in_words():
                yield
        finally:
            self._busy_since = 0.0


@contextlib.contextmanager
def linked(account: ImapAccount, tokens: Tokens) -> Iterator[Link]:
    """A logged-in connection for the block, closed afterwards.

    Raises ImapTrouble (NotSecure, LoginRefused among others), and UnableToUnseal if the stored password cannot be read.
    """
    with contextlib.ExitStack() as stack:
        with in_words():
            client = _connected(account)
        stack.callback(_hang_up, client)
        with in_words():
            if account.security == ImapAccount.Security.STARTTLS:
                _start_tls(client)
            _log_in(client, account, tokens)
            client.normalise_times = False
        yield Link(client)


def _connected(account: ImapAccount) -> Any:
    if account.security == ImapAccount.Security.NONE and not is_loopback(account.host):
        raise NotSecure(MailRefusal.IMAP_PLAIN_HOST, host=account.host)
    implicit = account.security == ImapAccount.Security.TLS
    return IMAPClient(
        account.host,
        port=account.port,
        ssl=implicit,
        ssl_context=ssl.create_default_context() if implicit else None,
        timeout=SocketTimeout(CONNECT_SECONDS, READ_SECONDS),
    )


def _start_tls(client: Any) -> None:
    """Switch to TLS before anything else is sent. Raises NotSecure if the server does not offer it (AB-99)."""
    try:
        client.starttls(ssl.create_default_context())
    except imaplib.IMAP4.error as error:
        raise NotSecure(MailRefusal.IMAP_TLS_NOT_OFFERED, error=error) from error


def _log_in(client: Any, account: ImapAccount, tokens: Tokens) -> None:
    if account.auth == ImapAccount.Auth.XOAUTH2:
        _by_token(client, account, tokens)
    else:
        _refusing(lambda: _by_password(client, account.username, password_of(account)))


def _by_password(client: Any, username: str, password: str) -> None:
    if client.has_capability("AUTH=PLAIN"):
        # PLAIN speaks UTF-8 (RFC 4616); LOGIN only ASCII.
        client.sasl_login("PLAIN", lambda _: f"\0{username}\0{password}")
        return
    if client.has_capability("LOGINDISABLED"):
        raise LoginRefused(MailRefusal.IMAP_NO_PASSWORD)
    if not (username + password).isascii():
        raise LoginRefused(MailRefusal.IMAP_ASCII_ONLY)
    client.login(username, password)


def _by_token(client: Any, account: ImapAccount, tokens: Tokens) -> None:
    """Log in by XOAUTH2. If the server rejects a cached token, fetch a new one and try once more."""
    cached = tokens.has_one()
    try:
        _refusing(lambda: _xoauth2(client, account.username, tokens.token(account)))
    except LoginRefused:
        tokens.forget()
        if not cached:
            raise
        _refusing(lambda: _xoauth2(client, account.username, tokens.token(account)))


def _xoauth2(client: Any, username: str, token: str) -> None:
    answers = iter([f"user={username}\1auth=Bearer {token}\1\1"])
    # The server sends error details as a challenge and expects an empty response.
    client.sasl_login("XOAUTH2", lambda _: next(answers, ""))


def _refusing(log_in: Callable[[], None]) -> None:
    try:
        log_in()
    except LoginError as error:
        reason = " ".join(str(error).split())[:300]
        if isinstance(error.__context__, imaplib.IMAP4.abort) or any(code in reason.upper() for code in _NOT_NOW):
            raise ImapTrouble(MailRefusal.IMAP_LOGIN_UNAVAILABLE, words=reason) from error
        raise LoginRefused(MailRefusal.IMAP_LOGIN_REFUSED, words=reason) from error


def _hang_up(client: Any) -> None:
    try:
        client.socket().settimeout(2.0)
        client.logout()
    except Exception:
        with contextlib.suppress(Exception):
            client.shutdown()


def _fact(items: dict[bytes, Any]) -> Fact:
    came = items.get(b"INTERNALDATE")
    return Fact(
        size=int(items.get(b"RFC822.SIZE") or 0),
        came=came if isinstance(came, datetime) and came.tzinfo else datetime.now(UTC),
    )


def _has_more(client: Any, link: Any) -> bool:
    """Whether bytes were read from the socket and are still buffered, which polling the socket would not show."""
    inner = client._imap
    if hasattr(inner, "_readbuf"):  # Python 3.14
        return bool(inner._readbuf)
    timeout = link.gettimeout()
    link.setblocking(False)
    try:
        return bool(inner.file.peek(1))
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    finally:
        link.settimeout(timeout)


def _sleep(seconds: float, over: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while not over() and (left := end - time.monotonic()) > 0:
        time.sleep(min(_LOOK_SECONDS, left))
