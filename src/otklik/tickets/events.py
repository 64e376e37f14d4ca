"""Events of tickets, one class for each kind. Changed values are in `tickets.Change` rows too."""

from dataclasses import dataclass, replace
from typing import Self

from django.db.models import Q

from otklik.journal.events import Part, TypedEvent, kept_as, parts


@dataclass(frozen=True, kw_only=True)
class TicketEvent(TypedEvent):
    """An event of a ticket. `key` is the ticket's, which `commands.base.tell` fills in."""

    subject = "ticket"

    key: str = ""

    def with_key(self, key: str) -> Self:
        """A copy of the event about the ticket with this key."""
        return replace(self, key=key)


@dataclass(frozen=True, kw_only=True)
class MessageEvent(TicketEvent):
    """An event that is about a message, `message` being its id."""

    message: int


@dataclass(frozen=True, kw_only=True)
class TicketOpened(MessageEvent):
    """`unverified`: nobody has proved that the requester wrote it."""

    kind = "ticket.opened"
    unverified: bool


@dataclass(frozen=True, kw_only=True)
class TicketCommented(MessageEvent):
    """Somebody wrote. `moved` is the new status, if any; the rest is told of a step that the words went with.

    `assigned` got the ticket by that step. `approval`: who is asked for it wants to know something first.
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
    """A mail that may not be from whom it `claimed` to be waits on the ticket."""

    kind = "ticket.held"
    claimed: str


@dataclass(frozen=True, kw_only=True)
class MessageAdmitted(MessageEvent):
    """A held message was let in; `own`: by its writer, who proved to own the address, so it moved the ticket."""

    kind = "ticket.admitted"
    moved: str = ""
    before: str = ""
    own: bool = False


@dataclass(frozen=True, kw_only=True)
class MessageEdited(MessageEvent):
    """Its author put other words in its place."""

    kind = "ticket.message_edited"
    message_kind: str = kept_as("kind")


@dataclass(frozen=True, kw_only=True)
class MessageWithdrawn(MessageEvent):
    """Its author took it back."""

    kind = "ticket.message_withdrawn"
    message_kind: str = kept_as("kind")


@dataclass(frozen=True, kw_only=True)
class MessageMoved(TicketEvent):
    """A mail's message was taken off; `to`: the key of the ticket that it went to, "" if to none."""

    kind = "ticket.message_moved"
    to: str


@dataclass(frozen=True, kw_only=True)
class MailFiled(TicketEvent):
    """A program answered a mail: `words` of the `mail`, which is no message. `why` is a stored reason."""

    kind = "mail.filed"
    mail: int
    name: str
    why: str
    words: str


@dataclass(frozen=True, kw_only=True)
class StatusChanged(TicketEvent):
    """A step along the transition table. `quiet`: mails were sorted, which is nobody's news."""

    kind = "ticket.status_changed"
    before: str
    after: str
    category: str
    closed: bool
    assigned: str = ""
    quiet: bool = False


@dataclass(frozen=True, kw_only=True)
class TicketAssigned(TicketEvent):
    """`assignee` has it now, "" for nobody. `former` is only known from the Change row."""

    kind = "ticket.assigned"
    assignee: str
    former: str = ""


@dataclass(frozen=True, kw_only=True)
class FieldChanged(TicketEvent):
    """A `field` of the ticket has another value: priority, subject, request type, due date or labels."""

    kind = "ticket.fields_changed"
    field: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class ChangeTakenBack(TicketEvent):
    """What an act on many tickets did to a `field` of this one was taken back, before anybody was told. `former` had
    the ticket, and `assignee` has it again, "" for nobody."""

    kind = "ticket.change_taken_back"
    field: str
    before: str = ""
    after: str = ""
    former: str = ""
    assignee: str = ""


@dataclass(frozen=True, kw_only=True)
class RequesterChanged(TicketEvent):
    """`person` asks now; `removed`: who asked before is no longer on the ticket."""

    kind = "ticket.requester_changed"
    person: int
    removed: bool
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class AnswerChange(Part):
    """An answer to the form's `field` that is another one."""

    field: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class AnswersChanged(TicketEvent):
    """Answers to the form are other ones."""

    kind = "ticket.answers_changed"
    changes: tuple[AnswerChange, ...] = parts(AnswerChange)


@dataclass(frozen=True, kw_only=True)
class ParticipantAdded(TicketEvent):
    """The ticket was shared with a person."""

    kind = "ticket.participant_added"
    person: int
    name: str


@dataclass(frozen=True, kw_only=True)
class ParticipantRemoved(TicketEvent):
    """A person was taken off."""

    kind = "ticket.participant_removed"
    person: int
    name: str


@dataclass(frozen=True, kw_only=True)
class Joined(Part):
    """Somebody who joined with others."""

    person: int
    name: str


@dataclass(frozen=True, kw_only=True)
class ParticipantsAdded(TicketEvent):
    """People whom a `mail` names joined."""

    kind = "ticket.participants_added"
    people: tuple[Joined, ...] = parts(Joined)
    mail: int


@dataclass(frozen=True, kw_only=True)
class NewcomersLeft(TicketEvent):
    """A `mail` names more new people than may join by it: these `addresses` were not added."""

    kind = "ticket.newcomers_left"
    addresses: tuple[str, ...]
    mail: int


@dataclass(frozen=True, kw_only=True)
class OrganizationAdded(TicketEvent):
    """The ticket was shared with an organisation."""

    kind = "ticket.organization_added"
    organization: int
    name: str


@dataclass(frozen=True, kw_only=True)
class OrganizationRemoved(TicketEvent):
    """The ticket is no longer shared with an organisation."""

    kind = "ticket.organization_removed"
    organization: int
    name: str


@dataclass(frozen=True, kw_only=True)
class TicketMuted(TicketEvent):
    """A participant turned the own mails about it off."""

    kind = "ticket.muted"


@dataclass(frozen=True, kw_only=True)
class TicketUnmuted(TicketEvent):
    """A participant turned the own mails about it on."""

    kind = "ticket.unmuted"


@dataclass(frozen=True, kw_only=True)
class ReplyHeld(TicketEvent):
    """A reply waits until `due` (ISO 8601); `last_message` was the ticket's last one then, 0 for none, None unknown."""

    kind = "ticket.reply_held"
    pending: int
    due: str
    scheduled: bool
    last_message: int | None = kept_as("after", default=None)


@dataclass(frozen=True, kw_only=True)
class ReplyMoved(TicketEvent):
    """A waiting reply goes at another time."""

    kind = "ticket.reply_moved"
    pending: int
    due: str


@dataclass(frozen=True, kw_only=True)
class ReplyUndone(TicketEvent):
    """A waiting reply was taken back."""

    kind = "ticket.reply_undone"
    pending: int


@dataclass(frozen=True, kw_only=True)
class ReplyStayed(TicketEvent):
    """A waiting reply was not sent; `why` is for its author."""

    kind = "ticket.reply_stayed"
    pending: int
    why: str


@dataclass(frozen=True, kw_only=True)
class TicketRated(TicketEvent):
    """The requester says how the help was; `before` is the former score."""

    kind = "ticket.rated"
    score: int
    words: str
    before: int | None = None


@dataclass(frozen=True, kw_only=True)
class ApprovalEvent(TicketEvent):
    """An event of an approval, `approval` being its id."""

    approval: int


@dataclass(frozen=True, kw_only=True)
class ApprovalAsked(ApprovalEvent):
    """People with these `names` are asked; `people` are their ids, not known of old events."""

    kind = "ticket.approval_asked"
    names: tuple[str, ...]
    question: str
    people: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ApprovalReminded(ApprovalEvent):
    """People with these `names` were reminded, as they have not answered; `people` as for `ApprovalAsked`."""

    kind = "ticket.approval_reminded"
    names: tuple[str, ...]
    question: str
    people: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ApprovalAnswered(ApprovalEvent):
    """`name` answered. `settled`: how that decided the approval, "" if not yet; `moved`: the status that followed."""

    kind = "ticket.approval_answered"
    answer: str
    words: str
    name: str
    settled: str
    moved: str
    before: str = ""


@dataclass(frozen=True, kw_only=True)
class ApprovalWithdrawn(ApprovalEvent):
    """No answer is needed any more."""

    kind = "ticket.approval_withdrawn"


@dataclass(frozen=True, kw_only=True)
class LinkEvent(TicketEvent):
    """An event of a link of this kind (`link`) with an `other` ticket; `way`: "out" from this one, "in" from there."""

    link: str
    way: str
    other: str
    other_id: int


@dataclass(frozen=True, kw_only=True)
class LinkAdded(LinkEvent):
    """The two are linked."""

    kind = "ticket.link_added"


@dataclass(frozen=True, kw_only=True)
class LinkRemoved(LinkEvent):
    """The two are linked so no more."""

    kind = "ticket.link_removed"


@dataclass(frozen=True, kw_only=True)
class AliasAdded(TicketEvent):
    """The ticket is also found by a key that it had elsewhere."""

    kind = "ticket.alias_added"
    alias: str


@dataclass(frozen=True, kw_only=True)
class TicketRolledBack(TicketEvent):
    """The import that made the ticket was taken back, and the ticket went with it."""

    kind = "ticket.rolled_back"


def about_message(pk: int) -> Q:
    """For a query of Event: those that are about this message, of whatever kind."""
    return Q(subject_kind="ticket", data__message=pk)
