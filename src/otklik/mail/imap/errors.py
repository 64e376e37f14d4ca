"""Errors of IMAP connections, and the translation of library errors into them."""

import contextlib
import imaplib
import ssl
from collections.abc import Iterator

from otklik.core.errors import UnableTo
from otklik.mail.refusals import MailRefusal


class ImapTrouble(UnableTo):
    """The server cannot be used now. Every mail taken so far is stored, so trying again is safe."""


class NotSecure(ImapTrouble):
    """The connection is not encrypted, or the server's certificate is not trusted. No credentials were sent (AB-99)."""


class LoginRefused(ImapTrouble):
    """The server rejected the user name with this password or token."""


class ServerRefused(ImapTrouble):
    """The server refused one command; the connection remains usable."""


@contextlib.contextmanager
def in_words() -> Iterator[None]:
    """Turn errors of the network, TLS and imaplib in this block into ImapTrouble or a subclass.

    UnableTo passes unchanged.
    """
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
