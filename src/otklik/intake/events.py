"""Events of staff actions on received mails, one class for each kind."""

from dataclasses import dataclass, replace
from typing import Self

from otklik.journal.events import TypedEvent, kept_as


@dataclass(frozen=True, kw_only=True)
class MailAct(TypedEvent):
    """An act on a mail that came to this `mailbox`, which `commands.base.tell_mail` fills in. `key`: the ticket that it
    is about, "" for none."""

    subject = "mail"

    mailbox: str = ""
    key: str = ""

    def with_mailbox(self, mailbox: str) -> Self:
        """The same, on a mail that came to this mailbox."""
        return replace(self, mailbox=mailbox)


@dataclass(frozen=True, kw_only=True)
class MadeRequest(MailAct):
    """It became a request of its own; `before`: the key of the request that it stood on."""

    kind = "mail.made_request"

    before: str


@dataclass(frozen=True, kw_only=True)
class MailAttached(MailAct):
    """It was put on a request; `before`: the key of the request that it stood on."""

    kind = "mail.attached"

    before: str


@dataclass(frozen=True, kw_only=True)
class MailRunAgain(MailAct):
    """It is processed anew; what was known of it before."""

    kind = "mail.run_again"

    state: str
    fate: str


@dataclass(frozen=True, kw_only=True)
class MailDone(MailAct):
    """It needs nothing more, as the `note` says; what was known of it before."""

    kind = "mail.done"

    note: str
    state: str
    fate: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class MarkedSpam(MailAct):
    """It is spam; what was known of it before, and the `status` (id, 0 for none) of its request."""

    kind = "mail.spam"

    state: str
    fate: str
    reason: str
    status: int


@dataclass(frozen=True, kw_only=True)
class UnmarkedSpam(MailAct):
    """The mail was marked as not spam. `state`, `fate`: what it had before."""

    kind = "mail.not_spam"

    state: str
    fate: str


@dataclass(frozen=True, kw_only=True)
class SenderRuled(TypedEvent):
    """The desk blocks or allows (`verdict`) senders of this pattern."""

    kind = "mail.sender_ruled"
    subject = "desk"

    pattern: str
    verdict: str


@dataclass(frozen=True, kw_only=True)
class SenderForgotten(TypedEvent):
    """The desk has no rule about senders of this pattern any more."""

    kind = "mail.sender_forgotten"
    subject = "desk"

    pattern: str


@dataclass(frozen=True, kw_only=True)
class ImportRolledBack(TypedEvent):
    """An import (`run`) was taken back: how many mails it had, and what went of them."""

    kind = "mailbox.import_rolled_back"
    subject = "mailbox"

    run: int = kept_as("import")
    source: str
    mails: int
    tickets: int
    comments: int
    kept: int
    failed: int
