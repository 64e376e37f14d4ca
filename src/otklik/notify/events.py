"""Events of sending mails, one class for each kind."""

from dataclasses import dataclass

from otklik.journal.events import TypedEvent, kept_as
from otklik.people.events import PersonEvent


@dataclass(frozen=True, kw_only=True)
class PersonInvited(PersonEvent):
    """The person was invited by mail."""

    kind = "person.invited"


@dataclass(frozen=True, kw_only=True)
class ResetRefused(PersonEvent):
    """A request to reset the password was refused; `why` is for administrators."""

    kind = "mail.reset_refused"

    why: str


@dataclass(frozen=True, kw_only=True)
class SampleSent(TypedEvent):
    """A lead was sent a sample of a desk's mail; `line`: its subject."""

    kind = "desk.sample_sent"
    subject = "desk"

    line: str = kept_as("subject")


@dataclass(frozen=True, kw_only=True)
class SentElsewhere(TypedEvent):
    """An outbound mail was sent to another address, as the new `mail`."""

    kind = "outbox.sent_elsewhere"
    subject = "outbound"

    recipient: str | None
    mail: int
    ticket: str
