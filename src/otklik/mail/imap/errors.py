"""What can go wrong between us and an IMAP server, in words for people."""

import contextlib
import imaplib
import ssl
from collections.abc import Iterator

from otklik.core.errors import UnableTo
from otklik.mail.refusals import MailRefusal


class ImapTrouble(UnableTo):
    """The server cannot be used now; nothing was taken that is not stored."""


class NotSecure(ImapTrouble):
    """The connection would not be secret, or the server not the right one. No credentials were sent (AB-99)."""


class LoginRefused(ImapTrouble):
    """The server does not accept the user name with this password or token."""


class ServerRefused(ImapTrouble):
    """The server said no to one command; the connection goes on."""


@contextlib.contextmanager
def in_words() -> Iterator[None]:
    """Turn what the network, TLS and the library raise in this block into ImapTrouble or one of its kinds."""
    try:
        yield
    except UnableTo:
        raise
    except ssl.SSLCertVerificationError as error:
        raise NotSecure(MailRefusal.IMAP_CERTIFICATE, error=error.verify_message) from error
    except ssl.SSLError as error:
        raise NotSecure(MailRefusal.IMAP_TLS_FAILED, error=error.reason or error) from error
    except TimeoutError as error:
        raise ImapTrouble(MailRefusal.IMAP_SILENT) from error
    except OSError as error:
        raise ImapTrouble(MailRefusal.IMAP_UNREACHABLE, error=error.strerror or error) from error
    except imaplib.IMAP4.abort as error:
        raise ImapTrouble(MailRefusal.IMAP_CONNECTION_LOST, said=_short(error)) from error
    except imaplib.IMAP4.error as error:
        raise ServerRefused(MailRefusal.IMAP_REFUSED, said=_short(error)) from error
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ImapTrouble(MailRefusal.IMAP_NOT_SPOKEN, said=_short(error)) from error


def _short(error: BaseException) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
