"""Events of tickets, one class for each kind. Changed values are in `tickets.Change` rows too."""

from dataclasses import dataclass, replace
from typing import Self

from django.db.models import Q

from otklik.journal.events import Part, TypedEvent, kept_as, parts


@dataclass(frozen=True, kw_only=True)
class TicketEvent(TypedEvent):
    """Base class of events about a ticket. `key`: the ticket's, filled in by `commands.base.tell`."""

    subject = "ticket"

    key: str = ""

    def with_key(self, key: str) -> Self:
        """A copy of the event about the ticket with this key."""
        return replace(self, key=key)


@dataclass(frozen=True, kw_only=True)
class MessageEvent(TicketEvent):
    """Base class of events about the message with this id."""

    message: int


@dataclass(frozen=True, kw_only=True)
class TicketOpened(MessageEvent):
    """A ticket was opened. `unverified`: the requester is not authenticated."""

    kind = "ticket.opened"
    unverified: bool


@dataclass(frozen=True, kw_only=True)
class TicketCommented(MessageEvent):
    """A message was posted.

    `moved`: the new status, if any. The other fields are set if it went with a transition; `assigned`: who got the
    ticket thereby. `approval`: the message is an approver's question.
    """

    kind = "ticket.commented"
    message_kind: str = kept_as("kind")
    moved: str
    before: str = ""
    after: str = ""
    category: str = ""
    closed: bool = False
    assigned: str = ""
    approval: int | None = None


@dataclass(frozen=True, kw_only=True)
class MessageHeld(MessageEvent):
    """A mail was held, since it may not be from whom it `claimed` to be."""

    kind = "ticket.held"
    claimed: str


@dataclass(frozen=True, kw_only=True)
class MessageAdmitted(MessageEvent):
    """A held message was admitted. `own`: by its author, who proved to own the address; it may move the ticket."""

    kind = "ticket.admitted"
    moved: str = ""
    before: str = ""
    own: bool = False


@dataclass(frozen=True, kw_only=True)
class MessageEdited(MessageEvent):
    """The author edited the message."""

    kind = "ticket.message_edited"
    message_kind: str = kept_as("kind")


@dataclass(frozen=True, kw_only=True)
class MessageWithdrawn(MessageEvent):
    """The author withdrew the message."""

    kind = "ticket.message_withdrawn"
    message_kind: str = kept_as("kind")


@dataclass(frozen=True, kw_only=True)
class MessageMoved(TicketEvent):
    """A mail's message was removed. `to`: the key of the ticket it went to, "" for none."""

    kind = "ticket.message_moved"
    to: str


@dataclass(frozen=True, kw_only=True)
class MailFiled(TicketEvent):
    """A mail from a program was filed. `words`: an excerpt of the `mail`; `why`: a stored reason."""

    kind = "mail.filed"
    mail: int
    name: str
    why: str
    words: str


@dataclass(frozen=True, kw_only=True)
class StatusChanged(TicketEvent):
    """A transition. `quiet`: caused by sorting mail, so nobody is notified."""

    kind = "ticket.status_changed"
    before: str
    after: str
    category: str
    closed: bool
    assigned: str = ""
    quiet: bool = False


@dataclass(frozen=True, kw_only=True)
class TicketAssigned(TicketEvent):
    """The assignee changed; "" for nobody. `former` is only known from the Change row."""

    kind = "ticket.assigned"
    assignee: str
    former: str = ""


@dataclass(frozen=True, kw_only=True)
class FieldChanged(TicketEvent):
    """A `field` changed: priority, subject, request type, due date or labels."""

    kind = "ticket.fields_changed"
    field: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class ChangeTakenBack(TicketEvent):
    """A bulk action's change of a `field` was undone before anybody was notified.

    `former` had the ticket, and `assignee` has it again, "" for nobody.
    """

    kind = "ticket.change_taken_back"
    field: str
    before: str = ""
    after: str = ""
    former: str = ""
    assignee: str = ""


@dataclass(frozen=True, kw_only=True)
class RequesterChanged(TicketEvent):
    """The requester changed to `person`. `removed`: the former one is no longer on the ticket."""

    kind = "ticket.requester_changed"
    person: int
    removed: bool
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class AnswerChange(Part):
    """A changed answer to the form's `field`."""

    field: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class AnswersChanged(TicketEvent):
    """Answers to the form changed."""

    kind = "ticket.answers_changed"
    changes: tuple[AnswerChange, ...] = parts(AnswerChange)


@dataclass(frozen=True, kw_only=True)
class ParticipantAdded(TicketEvent):
    """The ticket was shared with a person. `with_reply`: by naming them in the copy of a reply, whose mail tells it."""

    kind = "ticket.participant_added"
    person: int
    name: str
    with_reply: bool = False


@dataclass(frozen=True, kw_only=True)
class ParticipantRemoved(TicketEvent):
    """A participant was removed."""

    kind = "ticket.participant_removed"
    person: int
    name: str


@dataclass(frozen=True, kw_only=True)
class Joined(Part):
    """One of several new participants."""

    person: int
    name: str


@dataclass(frozen=True, kw_only=True)
class ParticipantsAdded(TicketEvent):
    """People named in a `mail` became participants."""

    kind = "ticket.participants_added"
    people: tuple[Joined, ...] = parts(Joined)
    mail: int


@dataclass(frozen=True, kw_only=True)
class NewcomersLeft(TicketEvent):
    """A `mail` named more newcomers than the limit allows; these `addresses` were not added."""

    kind = "ticket.newcomers_left"
    addresses: tuple[str, ...]
    mail: int


@dataclass(frozen=True, kw_only=True)
class OrganizationAdded(TicketEvent):
    """The ticket was shared with an organization."""

    kind = "ticket.organization_added"
    organization: int
    name: str


@dataclass(frozen=True, kw_only=True)
class OrganizationRemoved(TicketEvent):
    """The ticket is no longer shared with an organization."""

    kind = "ticket.organization_removed"
    organization: int
    name: str


@dataclass(frozen=True, kw_only=True)
class TicketMuted(TicketEvent):
    """A participant turned their mails about the ticket off."""

    kind = "ticket.muted"


@dataclass(frozen=True, kw_only=True)
class TicketUnmuted(TicketEvent):
    """A participant turned their mails about the ticket on."""

    kind = "ticket.unmuted"


@dataclass(frozen=True, kw_only=True)
class ReplyHeld(TicketEvent):
    """A reply is pending until `due` (ISO 8601). `last_message`: id of the last one, 0: none, None: unknown."""

    kind = "ticket.reply_held"
    pending: int
    due: str
    scheduled: bool
    last_message: int | None = kept_as("after", default=None)


@dataclass(frozen=True, kw_only=True)
class ReplyMoved(TicketEvent):
    """A pending reply was rescheduled. `last_message`: as of ReplyHeld if it had been stopped, otherwise None."""

    kind = "ticket.reply_moved"
    pending: int
    due: str
    last_message: int | None = kept_as("after", default=None)


@dataclass(frozen=True, kw_only=True)
class ReplyUndone(TicketEvent):
    """A pending reply was undone."""

    kind = "ticket.reply_undone"
    pending: int


@dataclass(frozen=True, kw_only=True)
class ReplyStayed(TicketEvent):
    """A pending reply was not posted; `why` is for its author."""

    kind = "ticket.reply_stayed"
    pending: int
    why: str


@dataclass(frozen=True, kw_only=True)
class TicketRated(TicketEvent):
    """The requester rated the ticket. `before`: the former score."""

    kind = "ticket.rated"
    score: int
    words: str
    before: int | None = None


@dataclass(frozen=True, kw_only=True)
class ApprovalEvent(TicketEvent):
    """Base class of events about the approval with this id."""

    approval: int


@dataclass(frozen=True, kw_only=True)
class ApprovalAsked(ApprovalEvent):
    """People were asked for approval. `people`: their ids, unknown for old events."""

    kind = "ticket.approval_asked"
    names: tuple[str, ...]
    question: str
    people: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ApprovalReminded(ApprovalEvent):
    """Approvers who have not voted were reminded. `people` as for `ApprovalAsked`."""

    kind = "ticket.approval_reminded"
    names: tuple[str, ...]
    question: str
    people: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ApprovalAnswered(ApprovalEvent):
    """An approver voted. `settled`: the approval's outcome, "" if still pending; `moved`: the resulting status."""

    kind = "ticket.approval_answered"
    answer: str
    words: str
    name: str
    settled: str
    moved: str
    before: str = ""


@dataclass(frozen=True, kw_only=True)
class ApprovalWithdrawn(ApprovalEvent):
    """The approval was withdrawn."""

    kind = "ticket.approval_withdrawn"


@dataclass(frozen=True, kw_only=True)
class LinkEvent(TicketEvent):
    """Base class of events about a link with an `other` ticket. `way`: "out" if this one is the source, else "in"."""

    link: str
    way: str
    other: str
    other_id: int


@dataclass(frozen=True, kw_only=True)
class LinkAdded(LinkEvent):
    """Two tickets were linked."""

    kind = "ticket.link_added"


@dataclass(frozen=True, kw_only=True)
class LinkRemoved(LinkEvent):
    """The link was removed."""

    kind = "ticket.link_removed"


@dataclass(frozen=True, kw_only=True)
class AliasAdded(TicketEvent):
    """The ticket got a further key."""

    kind = "ticket.alias_added"
    alias: str


@dataclass(frozen=True, kw_only=True)
class TicketRolledBack(TicketEvent):
    """The ticket was deleted when its import was undone."""

    kind = "ticket.rolled_back"


def about_message(pk: int) -> Q:
    """A condition on Event: about this message, of any kind."""
    return Q(subject_kind="ticket", data__message=pk)
