"""Events of mails, mailboxes and addresses, one class for each kind."""

from dataclasses import dataclass

from otklik.journal.events import TypedEvent


@dataclass(frozen=True, kw_only=True)
class MailUndelivered(TypedEvent):
    """A mail about a ticket did not reach its `address`; `words` are the server's, `report` the mail that says so."""

    kind = "mail.undelivered"
    subject = "ticket"

    key: str
    mail: int
    address: str
    words: str
    report: int = 0


@dataclass(frozen=True, kw_only=True)
class MailStopped(TypedEvent):
    """A mail about a ticket was not even tried, because its `address` takes none."""

    kind = "mail.stopped"
    subject = "ticket"

    key: str
    mail: int
    address: str
    words: str


@dataclass(frozen=True, kw_only=True)
class BudgetExceeded(TypedEvent):
    """A mail about a ticket was not written, because its `address` has had enough of that `template` (`budget`)."""

    kind = "mail.budget_exceeded"
    subject = "ticket"

    key: str
    template: str
    person: int
    address: str
    budget: str


@dataclass(frozen=True, kw_only=True)
class MailboxEvent(TypedEvent):
    """An act on a folder that is fetched for a mailbox."""

    subject = "mailbox"

    address: str
    host: str
    username: str
    folder: str


@dataclass(frozen=True, kw_only=True)
class MailboxAdded(MailboxEvent):
    """The folder is fetched from now on."""

    kind = "mailbox.added"


@dataclass(frozen=True, kw_only=True)
class MailboxReconfigured(MailboxEvent):
    """It was fetched already, and is from now on in another way."""

    kind = "mailbox.kept"


@dataclass(frozen=True, kw_only=True)
class MailboxRemoved(MailboxEvent):
    """The folder is no longer fetched."""

    kind = "mailbox.removed"


@dataclass(frozen=True, kw_only=True)
class MailboxPaused(MailboxEvent):
    """Fetching from the folder was paused."""

    kind = "mailbox.paused"


@dataclass(frozen=True, kw_only=True)
class MailboxResumed(MailboxEvent):
    """Fetching from the folder was resumed."""

    kind = "mailbox.resumed"


@dataclass(frozen=True, kw_only=True)
class OutboundEvent(TypedEvent):
    """An act on a mail of the outbox."""

    subject = "outbound"

    recipient: str
    ticket: str


@dataclass(frozen=True, kw_only=True)
class OutboundHurried(OutboundEvent):
    """The mail was to be tried at once, on somebody's request."""

    kind = "outbox.hurried"


@dataclass(frozen=True, kw_only=True)
class OutboundCancelled(OutboundEvent):
    """The mail was cancelled before it was sent."""

    kind = "outbox.cancelled"


@dataclass(frozen=True, kw_only=True)
class OutboundRetried(OutboundEvent):
    """It did not go, and is in the queue again."""

    kind = "outbox.again"


@dataclass(frozen=True, kw_only=True)
class RestoredSent(TypedEvent):
    """So many mails that a restore held back were sent."""

    kind = "outbox.restored_sent"
    subject = "outbox"

    mails: int


@dataclass(frozen=True, kw_only=True)
class RestoredDropped(TypedEvent):
    """So many mails that a restore held back never go."""

    kind = "outbox.restored_dropped"
    subject = "outbox"

    mails: int


@dataclass(frozen=True, kw_only=True)
class AddressCleared(TypedEvent):
    """An address that refused our mail is sent to again."""

    kind = "address.cleared"
    subject = "address"

    address: str
