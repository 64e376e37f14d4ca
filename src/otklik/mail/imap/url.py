"""Parse IMAP folder URLs: imaps://user@host:993/INBOX (after RFC 5092)."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from otklik.core.errors import UnableTo
from otklik.core.loopback import is_loopback
from otklik.mail.imap.folder_scan import LEAVE, MOVE, SEEN
from otklik.mail.models import ImapAccount
from otklik.mail.refusals import MailRefusal

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class UnableToUnderstand(UnableTo):
    """The text does not name an IMAP folder."""


@dataclass(frozen=True, slots=True)
class Place:
    """The parsed URL of a folder. `username` and `password` are "" if not given."""

    host: str
    port: int
    security: str
    username: str
    password: str
    folder: str


def parse_url(url: str, tls: str = "") -> Place:
    """Parse the URL of an IMAP folder. `tls`: "", "required" or "none".

    imaps:// is implicit TLS, imap:// is STARTTLS; "none" is allowed on loopback only (AB-99). Raises
    UnableToUnderstand, which never contains the password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UnableToUnderstand(MailRefusal.URL_INVALID) from None
    if parts.scheme not in {"imap", "imaps"} or not parts.hostname or parts.query or parts.fragment:
        raise UnableToUnderstand(MailRefusal.URL_INVALID)
    security = _security(parts.scheme, parts.hostname, tls)
    place = Place(
        host=parts.hostname,
        port=port or (993 if security == ImapAccount.Security.TLS else 143),
        security=security,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
    )
    if any(_CONTROL.search(word) for word in (place.username, place.password, place.folder)):
        raise UnableToUnderstand(MailRefusal.CONTROL_CHARACTERS)
    return place


def parse_after(text: str) -> str:
    """Validate what to do with a stored mail: leave, seen, move:FOLDER. Raises UnableToUnderstand."""
    if text in {LEAVE, SEEN} or (text.startswith(MOVE) and text != MOVE and not _CONTROL.search(text)):
        return text
    raise UnableToUnderstand(MailRefusal.AFTER_UNKNOWN, text=text)


def _security(scheme: str, host: str, tls: str) -> str:
    if tls not in {"", "required", "none"}:
        raise UnableToUnderstand(MailRefusal.TLS_UNKNOWN, tls=tls)
    if tls == "none":
        if scheme == "imaps" or not is_loopback(host):
            raise UnableToUnderstand(MailRefusal.PLAIN_ONLY_LOCAL)
        return str(ImapAccount.Security.NONE)
    return str(ImapAccount.Security.TLS if scheme == "imaps" else ImapAccount.Security.STARTTLS)
