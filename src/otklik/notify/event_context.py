"""The context of an event: everything the rules ask about it, loaded once."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.conf import settings
from django.db.models import QuerySet

from otklik.journal.models import Event
from otklik.mail import tokens
from otklik.mail.models import InboundMail, OutboundMail
from otklik.notify.rendering import sender_address
from otklik.notify.texts.overrides import OwnTexts, own_texts
from otklik.people.models import Person
from otklik.tickets.access import is_agent_of
from otklik.tickets.events import (
    ApprovalEvent,
    MessageEvent,
    ParticipantsAdded,
    ReplyStayed,
    StatusChanged,
    TicketAssigned,
    TicketOpened,
)
from otklik.tickets.forward_events import ForwardAnswered, TicketForwarded
from otklik.tickets.models import Approval, Forward, Message, Participant, PendingReply, Ticket, Vote
from otklik.tickets.move_events import TicketMoved

_BREAKER_TIME = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person who gets a mail.

    `participant`: the row behind the signed reply address. `forward`: the forwarded message, if the recipient is an
    external address; `person` is then unsaved.
    """

    person: Person
    participant: Participant | None = None
    forward: Forward | None = None

    @property
    def token(self) -> str:
        """The signed part of the reply address; "" for recipients without one."""
        if self.forward is not None:
            return tokens.sign_forward(self.forward.pk)
        return tokens.sign(self.participant.pk, self.participant.epoch) if self.participant is not None else ""


@dataclass(frozen=True)
class EventContext:
    """An event of a ticket, with what rules need to know about it.

    `participants`: those who want mail and can get it, the requester first. `row`: the message of the event, regardless
    of who may read it. `is_awaited`: whether the event has a message and an approver of the ticket has not voted.
    """

    event: Event
    ticket: Ticket
    participants: Sequence[Participant]
    row: Message | None
    is_awaited: bool

    @cached_property
    def message(self) -> Message | None:
        """The message of the event if customers may read it now; never a note or a held message (AB-48)."""
        message = self._message
        readable = (
            message is not None
            and message.kind == Message.Kind.PUBLIC
            and not message.held
            and message.withdrawn_at is None
        )
        return message if readable else None

    @property
    def is_overtaken(self) -> bool:
        """Whether the ticket was moved on or reassigned while the event was held back, so that its mail would
        contradict the later one."""
        told = self.event.typed
        if self.event.not_before is None:
            return False
        if isinstance(told, StatusChanged):
            return self.ticket.status.name != told.after
        if isinstance(told, TicketMoved):
            return self.ticket.key != told.key
        if isinstance(told, TicketAssigned) and self.ticket.assignee is not None:
            return self.ticket.assignee.display_name != told.assignee
        return False

    @cached_property
    def forward(self) -> Forward | None:
        """The forward that the event reports, None for other events. Its note is the only one that is mailed out."""
        message = self._message if isinstance(self.event.typed, TicketForwarded) else None
        forwards = Forward.objects.filter(message=message) if message is not None else ()
        return next(iter(forwards), None)

    @cached_property
    def answered(self) -> Forward | None:
        """The forward that the event says was answered; None for any other event."""
        told = self.event.typed
        rows = Forward.objects.select_related("message__author")
        return rows.filter(message=told.note).first() if isinstance(told, ForwardAnswered) else None

    @cached_property
    def kept_back(self) -> PendingReply | None:
        """The reply that the event says was not sent, if it still waits for its author; None for any other event."""
        told = self.event.typed
        rows = PendingReply.objects.select_related("author").exclude(state=PendingReply.State.SENT)
        return rows.filter(pk=told.pending, ticket=self.ticket).first() if isinstance(told, ReplyStayed) else None

    @cached_property
    def is_approval_by_agent(self) -> bool:
        """Whether the event is about an approval that an agent asked for, not the request type."""
        told = self.event.typed
        by_agent = Approval.objects.exclude(asked_by=None)
        return isinstance(told, ApprovalEvent) and by_agent.filter(pk=told.approval).exists()

    @cached_property
    def sender(self) -> str:
        """The address that the desk's mails come from."""
        return sender_address(self.ticket.desk)

    @cached_property
    def own_texts(self) -> OwnTexts:
        """The desk's own texts of its mails."""
        return own_texts(self.ticket.desk)

    @cached_property
    def silent(self) -> str:
        """Why the mail that caused the event must not be answered automatically; "" if it may be."""
        return self._inbound.silent if self._inbound is not None else ""

    @cached_property
    def opening_id(self) -> str:
        """The Message-ID of the mail that opened the ticket, if the event reports the opening; else ""."""
        opened = isinstance(self.event.typed, TicketOpened)
        return self._inbound.message_id if opened and self._inbound is not None else ""

    @cached_property
    def imported(self) -> bool:
        """Whether the mail that caused the event was imported; then nobody is notified."""
        return self._inbound is not None and self._inbound.imported

    @staticmethod
    def may_be_sent(message: Message, reader: Participant) -> bool:
        """Return whether the participant may read the message and has not got it by its own mail.

        Not if its author left them out. Not messages from before they joined (AB-01); those named in the mail itself
        got it from its sender, and sending it again would make us a relay (AB-20).
        """
        if reader.person_id in message.left_out:
            return False
        if reader.sees_from is not None and reader.sees_from > message.created_at:
            return False
        return message.inbound_id is None or message.inbound_id != reader.named_in_id

    @property
    def by_naming(self) -> bool:
        """Whether a mail added people by naming them in To or Cc, where any address may stand (AB-20)."""
        return isinstance(self.event.typed, ParticipantsAdded)

    @property
    def _inbound(self) -> InboundMail | None:
        return self._message.inbound if self._message is not None else None

    @cached_property
    def _message(self) -> Message | None:
        return self.row if self.row is not None and self.row.ticket_id == self.ticket.pk else None

    @cached_property
    def is_by_customer(self) -> bool:
        """Whether a customer caused the event; for a message, by its side when it was written."""
        message = self._message
        if message is not None and message.author_id is not None and message.author_id == self.event.actor_id:
            return message.side == Message.Side.CUSTOMER
        return self.doer is not None and not is_agent_of(self.doer, self.ticket)

    @cached_property
    def held_from(self) -> str:
        """The From address of a held mail; "" if there is none, or if a program sent it."""
        held = self._message is not None and self._message.held and self._inbound is not None
        return self._inbound.from_address if held and self._inbound is not None and not self.silent else ""

    def told_today(self, kind: str) -> bool:
        """Return whether a mail of this kind about the ticket was written within the last day, to anybody."""
        since = self.event.at - timedelta(days=1)
        return OutboundMail.objects.filter(ticket_id=self.ticket.pk, kind=kind, created_at__gt=since).exists()

    @cached_property
    def said_by_staff(self) -> bool:
        """Whether the message of the event was the staff's when it was written."""
        return self.message is not None and self.message.side == Message.Side.STAFF

    @cached_property
    def doer(self) -> Person | None:
        """The person who caused the event; None for the system."""
        return Person.objects.filter(pk=self.event.actor_id).first() if self.event.actor_id else None

    @cached_property
    def is_flooding(self) -> bool:
        """Whether the author mailed the ticket so often recently that it must be a program (AB-91)."""
        if self.message is None or self.message.inbound_id is None:
            return False
        since = self.message.created_at - _BREAKER_TIME
        mine = Message.objects.filter(ticket=self.ticket, author=self.message.author, created_at__gt=since)
        return mine.exclude(inbound=None).count() > settings.LOOP_MAILS

    @cached_property
    def is_flooding_inside(self) -> bool:
        """Like `is_flooding`, for answers to a forwarded message, by whatever author: each is mailed to the staff."""
        since = self.event.at - _BREAKER_TIME
        answers = Message.objects.filter(answers_forward__forward=self.answered, created_at__gt=since)
        return self.answered is not None and answers.count() > settings.LOOP_MAILS


def contexts(events: Sequence[Event]) -> list[EventContext]:
    """Return the contexts of the events whose tickets still exist, with a fixed number of statements."""
    tickets_read = Ticket.objects.select_related("desk", "requester", "status", "request_type")
    tickets = tickets_read.in_bulk({event.subject_id for event in events})
    people: dict[int, list[Participant]] = {pk: [] for pk in tickets}
    for participant in _participants().filter(ticket_id__in=tickets):
        people[participant.ticket_id].append(participant)
    messages = _messages().in_bulk({pk for event in events if (pk := _message_of(event))})
    awaited = _awaited({event.subject_id for event in events if _message_of(event) is not None})
    return [
        EventContext(event, tickets[pk], people[pk], messages.get(_message_of(event) or 0), pk in awaited)
        for event in events
        if (pk := event.subject_id) in tickets
    ]


def _message_of(event: Event) -> int | None:
    return event.typed.message if isinstance(event.typed, MessageEvent) else None


def _awaited(tickets: Collection[int]) -> set[int]:
    votes = Vote.objects.filter(approval__ticket__in=tickets, approval__state=Approval.State.PENDING, answer="")
    return set(votes.values_list("approval__ticket", flat=True)) if tickets else set()


def _participants() -> QuerySet[Participant]:
    rows = Participant.objects.filter(removed_at=None, muted=False, person__is_active=True)
    return rows.exclude(person__email=None).select_related("person").order_by("id")


def _messages() -> QuerySet[Message]:
    return Message.objects.select_related("author", "inbound").defer("html", "quoted", "inbound__raw", "inbound__error")


def except_for(recipients: Iterable[Recipient], person_id: int | None) -> list[Recipient]:
    """Return the recipients without this person: nobody gets mail about their own action."""
    return [recipient for recipient in recipients if recipient.person.pk != person_id]
