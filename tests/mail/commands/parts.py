"""An IMAP account and its survey without a server."""

from typing import Any

from otklik.mail.imap.survey import Survey
from otklik.mail.models import ImapAccount, Mailbox
from tests.cast import START

FOUND = Survey(mails=40, old=40, uidvalidity=7, highest=40)


def folder(**more: Any) -> ImapAccount:
    """Return an unsaved account for the desk's address."""
    values: dict[str, Any] = {
        "mailbox": Mailbox.objects.get(address="accredo@desk.test"), "host": "imap.test", "port": 993,
        "username": "accredo", "secret": "x", "created_at": START, "changed_at": START,
    }  # fmt: skip
    return ImapAccount(**{**values, **more})
