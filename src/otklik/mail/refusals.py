"""Refusals of mail commands, and errors of fetching by IMAP."""

from otklik.core.errors import Refusal
from otklik.core.errors import to_translate as _


class MailRefusal(Refusal, about="mail"):
    AFTER_UNKNOWN = "«%(text)s» is nothing to do after; there are leave, seen, move:FOLDER."
    BEING_SENT = _("This mail is being handed to the mail server just now. Look at it again in a minute.")
    CONTROL_CHARACTERS = "User name, password and folder have no control characters."
    DKIM_SELECTOR_TAKEN = "There is a key %(selector)s._domainkey.%(domain)s already; choose another selector."
    IMAP_ASCII_ONLY = "this server takes only ASCII letters in user name and password"
    IMAP_CANNOT_MOVE = "the server can neither MOVE nor UIDPLUS, so mails stay where they are"
    IMAP_CERTIFICATE = "the server's certificate is not trusted: %(error)s"
    IMAP_CONNECTION_LOST = "the connection broke: %(said)s"
    IMAP_LOGIN_REFUSED = "the server refuses the login: %(words)s"
    IMAP_LOGIN_UNAVAILABLE = "the server did not let us in now: %(words)s"
    IMAP_MAIL_INCOMPLETE = "mail %(uid)s did not come whole"
    IMAP_MAIL_NOT_STORED = "mail %(uid)s cannot be stored: %(error)s"
    IMAP_NOT_SPOKEN = "the server's answer is not IMAP: %(said)s"
    IMAP_NO_PASSWORD = "the server takes no password on this connection"
    IMAP_NO_ROOM = "not enough room on the disk here, mail is left in the mailbox"
    IMAP_PLAIN_HOST = "without TLS only this machine may be spoken to, and %(host)s is another"
    IMAP_REFUSED = "the server says: %(said)s"
    IMAP_SILENT = "the server does not answer"
    IMAP_TLS_FAILED = "no TLS with this server: %(error)s"
    IMAP_TLS_NOT_OFFERED = "the server offers no TLS on this port: %(error)s"
    IMAP_UNREACHABLE = "no connection: %(error)s"
    NOT_FETCHED = "%(address)s is not fetched."
    PLAIN_ONLY_LOCAL = "Without TLS only imap://127.0.0.1 and imap://localhost may be fetched."
    STATE_CHANGED = _("This mail is in another state now. Look at it again.")
    TEXT_GONE = _("Its words are gone, as they had power over an account. A new mail must be written.")
    TLS_UNKNOWN = "«%(tls)s» is no way to encrypt; there are required, and none for this machine."
    TOKEN_SERVICE_INSECURE = "tokens are asked for over https only, not at %(scheme)s://%(host)s"
    TOKEN_SERVICE_REFUSED = "the token service refuses: %(why)s"
    TOKEN_SERVICE_TROUBLE = "the token service answers: %(why)s"
    TOKEN_SERVICE_UNREACHABLE = "no answer from the token service %(host)s: %(error)s"
    TOKEN_SERVICE_URL = "%(url)r is not a URL"
    URL_INVALID = (
        "The mailbox must look like imaps://user@imap.example.org/INBOX, or imap://… for a server with STARTTLS."
    )
