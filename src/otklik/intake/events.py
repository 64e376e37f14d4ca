"""Events of staff actions on received mails, one class for each kind."""

from dataclasses import dataclass, replace
from typing import Self

from otklik.journal.events import TypedEvent, kept_as


@dataclass(frozen=True, kw_only=True)
class MailAct(TypedEvent):
    """Base class of events about a mail.

    `mailbox`: its address, filled in by `commands.base.tell_mail`. `key`: the ticket concerned, "" for none.
    """

    subject = "mail"

    mailbox: str = ""
    key: str = ""

    def with_mailbox(self, mailbox: str) -> Self:
        """Return a copy with this mailbox."""
        return replace(self, mailbox=mailbox)


@dataclass(frozen=True, kw_only=True)
class MadeRequest(MailAct):
    """The mail became a ticket; `before`: the key of the ticket it was on."""

    kind = "mail.made_request"

    before: str


@dataclass(frozen=True, kw_only=True)
class MailAttached(MailAct):
    """The mail was put on a ticket; `before`: the key of the ticket it was on."""

    kind = "mail.attached"

    before: str


@dataclass(frozen=True, kw_only=True)
class MailRunAgain(MailAct):
    """The mail was queued again. `state`, `fate`: its previous outcome."""

    kind = "mail.run_again"

    state: str
    fate: str


@dataclass(frozen=True, kw_only=True)
class MailDone(MailAct):
    """The mail was dismissed with a `note`. The other fields are its previous outcome."""

    kind = "mail.done"

    note: str
    state: str
    fate: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class MarkedSpam(MailAct):
    """The mail was marked as spam. The other fields are its previous outcome, and its ticket's `status` (id, 0 for
    none)."""

    kind = "mail.spam"

    state: str
    fate: str
    reason: str
    status: int


@dataclass(frozen=True, kw_only=True)
class UnmarkedSpam(MailAct):
    """The mail was marked as not spam. `state`, `fate`: its restored outcome."""

    kind = "mail.not_spam"

    state: str
    fate: str


@dataclass(frozen=True, kw_only=True)
class SenderRuled(TypedEvent):
    """The desk blocked or allowed (`verdict`) senders of this pattern."""

    kind = "mail.sender_ruled"
    subject = "desk"

    pattern: str
    verdict: str


@dataclass(frozen=True, kw_only=True)
class SenderForgotten(TypedEvent):
    """The desk's rule for this pattern was deleted."""

    kind = "mail.sender_forgotten"
    subject = "desk"

    pattern: str


@dataclass(frozen=True, kw_only=True)
class ImportRolledBack(TypedEvent):
    """An import (`run`) was rolled back: the number of its mails, and of what was deleted."""

    kind = "mailbox.import_rolled_back"
    subject = "mailbox"

    run: int = kept_as("import")
    source: str
    mails: int
    tickets: int
    comments: int
    kept: int
    failed: int
