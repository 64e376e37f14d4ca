"""Events of sending mails, one class for each kind."""

from dataclasses import dataclass

from otklik.journal.events import TypedEvent, kept_as
from otklik.people.events import PersonEvent


@dataclass(frozen=True, kw_only=True)
class PersonInvited(PersonEvent):
    """A mail with a link to the account was written."""

    kind = "person.invited"


@dataclass(frozen=True, kw_only=True)
class ResetRefused(PersonEvent):
    """No link for a new password was mailed; `why` is for administrators."""

    kind = "mail.reset_refused"

    why: str


@dataclass(frozen=True, kw_only=True)
class SampleSent(TypedEvent):
    """A lead had a sample of a desk's mail sent; `line` is its subject."""

    kind = "desk.sample_sent"
    subject = "desk"

    line: str = kept_as("subject")


@dataclass(frozen=True, kw_only=True)
class SentElsewhere(TypedEvent):
    """A mail of the outbox went to another address, as the new `mail`."""

    kind = "outbox.sent_elsewhere"
    subject = "outbound"

    recipient: str | None
    mail: int
    ticket: str
