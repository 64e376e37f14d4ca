"""Events of mails, mailboxes and addresses, one class for each kind."""

from dataclasses import dataclass

from otklik.journal.events import TypedEvent


@dataclass(frozen=True, kw_only=True)
class MailUndelivered(TypedEvent):
    """A mail about a ticket was not delivered to its `address`. `words`: the server's; `report`: the bounce."""

    kind = "mail.undelivered"
    subject = "ticket"

    key: str
    mail: int
    address: str
    words: str
    report: int = 0


@dataclass(frozen=True, kw_only=True)
class MailStopped(TypedEvent):
    """A mail about a ticket was not sent, because its `address` is suppressed."""

    kind = "mail.stopped"
    subject = "ticket"

    key: str
    mail: int
    address: str
    words: str


@dataclass(frozen=True, kw_only=True)
class BudgetExceeded(TypedEvent):
    """A mail about a ticket was not written, because its `address` got too many of that `template` (`budget`)."""

    kind = "mail.budget_exceeded"
    subject = "ticket"

    key: str
    template: str
    person: int
    address: str
    budget: str


@dataclass(frozen=True, kw_only=True)
class MailboxEvent(TypedEvent):
    """Base class of events about a folder fetched for a mailbox."""

    subject = "mailbox"

    address: str
    host: str
    username: str
    folder: str


@dataclass(frozen=True, kw_only=True)
class MailboxAdded(MailboxEvent):
    """A folder is fetched from now on."""

    kind = "mailbox.added"


@dataclass(frozen=True, kw_only=True)
class MailboxReconfigured(MailboxEvent):
    """The settings of a fetched folder changed."""

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
    """Base class of events about an outbound mail."""

    subject = "outbound"

    recipient: str
    ticket: str


@dataclass(frozen=True, kw_only=True)
class OutboundHurried(OutboundEvent):
    """The mail was made due at once, on a person's request."""

    kind = "outbox.hurried"


@dataclass(frozen=True, kw_only=True)
class OutboundCancelled(OutboundEvent):
    """The mail was cancelled before it was sent."""

    kind = "outbox.cancelled"


@dataclass(frozen=True, kw_only=True)
class OutboundRetried(OutboundEvent):
    """An unsent mail was queued again."""

    kind = "outbox.again"


@dataclass(frozen=True, kw_only=True)
class RestoredSent(TypedEvent):
    """Mails held back by a restore were queued."""

    kind = "outbox.restored_sent"
    subject = "outbox"

    mails: int


@dataclass(frozen=True, kw_only=True)
class RestoredDropped(TypedEvent):
    """Mails held back by a restore were cancelled."""

    kind = "outbox.restored_dropped"
    subject = "outbox"

    mails: int


@dataclass(frozen=True, kw_only=True)
class AddressCleared(TypedEvent):
    """Sending to a suppressed address was resumed."""

    kind = "address.cleared"
    subject = "address"

    address: str
