"""Who is notified of what: the whole policy on one page. Event kind -> audience -> template.

The rules are tried from top to bottom; each person gets one mail per event, the first that fits (the invitation to an
account comes besides, alone). Nobody is told about an own act, except that a request was accepted.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from otklik.core.batch_cache import remembered
from otklik.desks.access import agents_of, told_of_new
from otklik.desks.models import Desk, Membership
from otklik.journal.events import TypedEvent
from otklik.mail.events import MailUndelivered
from otklik.notify.event_context import EventContext, Recipient, except_for
from otklik.notify.texts.mail_kinds import KINDS, STAFF
from otklik.people.models import Person
from otklik.people.queries import person_by_address
from otklik.tickets.access import is_agent_of
from otklik.tickets.events import (
    ApprovalAnswered,
    ApprovalAsked,
    ApprovalEvent,
    ApprovalReminded,
    MessageAdmitted,
    MessageHeld,
    NewcomersLeft,
    ParticipantAdded,
    ParticipantsAdded,
    ReplyStayed,
    RequesterChanged,
    StatusChanged,
    TicketAssigned,
    TicketCommented,
    TicketOpened,
)
from otklik.tickets.forward_events import ForwardAnswered, TicketForwarded
from otklik.tickets.mentions import mentioned_in
from otklik.tickets.models import Approval, Message, Vote
from otklik.tickets.move_events import TicketMoved

Audience = Callable[[EventContext], list[Recipient]]


def newcomer(context: EventContext) -> list[Recipient]:
    """The requester, if they may be invited: request by mail, never activated, and the desk invites (R3).

    `notify.plan` makes sure that each is invited once.
    """
    recipients = by_mail_requester(context)
    if not recipients or not context.ticket.desk.activation_mail or recipients[0].person.activated_at is not None:
        return []
    return recipients


def by_mail_requester(context: EventContext) -> list[Recipient]:
    """The requester of a ticket opened by mail."""
    return requester(context) if context.ticket.channel == "mail" else []


def requester(context: EventContext) -> list[Recipient]:
    """The requester; nobody if the mail must not be answered (AB-02, AB-91)."""
    if context.silent:
        return []
    rows = [participant for participant in context.participants if participant.person_id == context.ticket.requester_id]
    return [Recipient(participant.person, participant) for participant in rows]


def requester_unless_actor(context: EventContext) -> list[Recipient]:
    """The requester, unless they caused the event."""
    return except_for(requester(context), context.event.actor_id)


def message_readers_except_author(context: EventContext) -> list[Recipient]:
    """All participants but the author and whom the author left out; nobody if a program seems to write."""
    if context.message is None or context.is_flooding:
        return []
    readers = [participant for participant in context.participants if context.may_be_sent(context.message, participant)]
    return except_for(
        (Recipient(participant.person, participant) for participant in readers), context.message.author_id
    )


def participants_except_actor(context: EventContext) -> list[Recipient]:
    """All participants but the actor."""
    return except_for(
        (Recipient(participant.person, participant) for participant in context.participants), context.event.actor_id
    )


def told_of_status(context: EventContext) -> list[Recipient]:
    """All participants but the actor; nobody if the change is due to sorting mail."""
    told = context.event.typed
    return [] if isinstance(told, StatusChanged) and told.quiet else participants_except_actor(context)


def told_of_move(context: EventContext) -> list[Recipient]:
    """All participants but the actor; nobody if an unannounced move was undone."""
    return [] if _is_quiet_move(context) else participants_except_actor(context)


def staff_told_of_move(context: EventContext) -> list[Recipient]:
    """`staff_told_of_unassigned`, except if an unannounced move was undone."""
    return [] if _is_quiet_move(context) else staff_told_of_unassigned(context)


def _is_quiet_move(context: EventContext) -> bool:
    told = context.event.typed
    return isinstance(told, TicketMoved) and told.quiet


def reply_author(context: EventContext) -> list[Recipient]:
    """The author of the reply that was not sent, even if they no longer work at the desk."""
    reply = context.kept_back
    told = reply is not None and reply.author.is_active and reply.author.email
    return [Recipient(reply.author)] if reply is not None and told else []


def added_participant(context: EventContext) -> list[Recipient]:
    """The person with whom the ticket was shared, unless the mail of a reply tells them."""
    told = context.event.typed
    person = told.person if isinstance(told, ParticipantAdded) and not told.with_reply else None
    rows = [participant for participant in context.participants if participant.person_id == person]
    return except_for((Recipient(participant.person, participant) for participant in rows), context.event.actor_id)


def participants_named_in_mail(context: EventContext) -> list[Recipient]:
    """The people added because a mail named them in To or Cc."""
    told = context.event.typed
    ids = {joined.person for joined in told.people} if isinstance(told, ParticipantsAdded) else set()
    return except_for(
        (
            Recipient(participant.person, participant)
            for participant in context.participants
            if participant.person_id in ids
        ),
        context.event.actor_id,
    )


def doer(context: EventContext) -> list[Recipient]:
    """The actor, so that they learn of a refusal; nobody if a program must not be answered."""
    if context.is_flooding or context.told_today("not_added"):
        return []
    return [
        Recipient(participant.person, participant)
        for participant in context.participants
        if participant.person_id == context.event.actor_id
    ]


def answered_for(context: EventContext) -> list[Recipient]:
    """The requester, if somebody unknown replied to their mail; once a day, since anybody can send such mails
    (AB-88)."""
    writer = person_by_address(context.held_from) if context.held_from else None
    here = writer is not None and writer.pk in {participant.person_id for participant in context.participants}
    return [] if not context.held_from or here or context.told_today("own_address") else requester(context)


def closer_by_mail(context: EventContext) -> list[Recipient]:
    """The person who closed the ticket by a command in a mail, so that they notice a mistake."""
    if context.event.via != "mail" or context.silent or context.is_flooding:
        return []
    return [
        Recipient(participant.person, participant)
        for participant in context.participants
        if participant.person_id == context.event.actor_id
    ]


def approvers(context: EventContext) -> list[Recipient]:
    """Approvers who have not voted yet."""
    votes = Vote.objects.filter(approval_id=_approval_of(context), answer="", person__is_active=True)
    people = [vote.person for vote in votes.exclude(person__email=None).select_related("person").order_by("id")]
    return except_for([Recipient(person) for person in people], context.event.actor_id)


def _approval_of(context: EventContext) -> int:
    """The id of the approval that the event is about; 0, which none has, for others."""
    told = context.event.typed
    return (told.approval or 0) if isinstance(told, ApprovalEvent | TicketCommented) else 0


def undecided_approvers_who_asked(context: EventContext) -> list[Recipient]:
    """Approvers who have not voted and asked something before this message was written."""
    if context.message is None or not context.is_awaited or context.is_flooding:
        return []
    awaited = Vote.objects.filter(approval__ticket=context.ticket, approval__state=Approval.State.PENDING, answer="")
    asked = Message.objects.filter(
        ticket=OuterRef("approval__ticket"),
        author=OuterRef("person"),
        created_at__gte=OuterRef("approval__asked_at"),
        created_at__lt=context.event.at,
    )
    votes = awaited.filter(Exists(asked), person__is_active=True).exclude(person__email=None)
    people = [Recipient(vote.person) for vote in votes.select_related("person").order_by("id")]
    left_out = context.message.left_out
    people = [recipient for recipient in people if recipient.person.pk not in left_out]
    return except_for(people, context.message.author_id)


def asking_staff(context: EventContext) -> list[Recipient]:
    """The agent who asked for approval, and the assignee, if they still work at the desk."""
    approval = Approval.objects.filter(pk=_approval_of(context)).select_related("asked_by").first()
    asker = approval.asked_by if approval is not None else None
    recipients = assignee(context)
    if asker is not None and asker.email and is_agent_of(asker, context.ticket):
        recipients += except_for([Recipient(asker)], context.event.actor_id)
    return recipients


def assignee(context: EventContext) -> list[Recipient]:
    """The assignee, unless they are the actor or have left the desk."""
    ticket = context.ticket
    person = _worker(ticket.assignee_id, ticket.desk_id) if ticket.assignee_id else None
    return except_for([Recipient(person)], context.event.actor_id) if person else []


@remembered
def _worker(person_id: int, desk_id: int) -> Person | None:
    works = Exists(Membership.objects.filter(person=OuterRef("pk"), desk_id=desk_id))
    persons = Person.objects.filter(works | Q(is_admin=True), pk=person_id, is_active=True)
    return persons.exclude(email=None).first()


def forwarded_to(context: EventContext) -> list[Recipient]:
    """The external address to which a message was forwarded."""
    forward = context.forward
    withdrawn = forward is None or forward.message.withdrawn_at is not None
    return [] if forward is None or withdrawn else [Recipient(Person(email=forward.address), forward=forward)]


def told_of_answer(context: EventContext) -> list[Recipient]:
    """On an answer to a forwarded message: the assignee or the staff told of unassigned tickets, and the agent who
    forwarded.

    Only those who work at the desk, without the answer's author; nobody if a program seems to answer.
    """
    if context.is_flooding_inside:
        return []
    agent = context.answered.message.author if context.answered is not None else None
    works = agent is not None and agent.email and is_agent_of(agent, context.ticket)
    who_forwarded = [Recipient(agent)] if agent is not None and works else []
    told = [*assignee(context), *who_forwarded, *staff_told_of_unassigned(context)]
    return except_for(told, context.event.actor_id)


def staff_told_of_unassigned(context: EventContext) -> list[Recipient]:
    """The staff to be notified of unassigned tickets, by the desk's settings."""
    if context.ticket.assignee_id:
        return []
    return except_for((Recipient(person) for person in _told_of_new(context.ticket.desk)), context.event.actor_id)


def mentioned_colleagues(context: EventContext) -> list[Recipient]:
    """The desk's staff whom a message of a colleague names by "@", in a note or in public."""
    message = context.row
    if message is None or message.side != Message.Side.STAFF or message.withdrawn_at is not None:
        return []
    people = mentioned_in(message.text, _agents(context.ticket.desk)) if "@" in message.text else []
    return except_for([Recipient(person) for person in people if person.email], context.event.actor_id)


@remembered
def _agents(desk: Desk) -> list[Person]:
    return list(agents_of(desk))


@remembered
def _told_of_new(desk: Desk) -> list[Person]:
    return list(told_of_new(desk))


def staff_told_when_customer_wrote(context: EventContext) -> list[Recipient]:
    """`staff_told_of_unassigned`, if the event is a message of a customer who is not flooding."""
    return (
        staff_told_of_unassigned(context)
        if context.message is not None and context.is_by_customer and not context.is_flooding
        else []
    )


def assignee_when_customer_wrote(context: EventContext) -> list[Recipient]:
    """The assignee, if a customer wrote."""
    return (
        assignee(context) if context.message is not None and context.is_by_customer and not context.is_flooding else []
    )


def assignee_when_customer_moved(context: EventContext) -> list[Recipient]:
    """The assignee, if a customer moved the ticket along without closing it, such as opening it again."""
    return assignee(context) if _is_moved_by_customer(context) else []


def staff_told_when_customer_moved(context: EventContext) -> list[Recipient]:
    """`staff_told_of_unassigned`, if a customer moved the ticket along without closing it."""
    return staff_told_of_unassigned(context) if _is_moved_by_customer(context) else []


def _is_moved_by_customer(context: EventContext) -> bool:
    told = context.event.typed
    return isinstance(told, StatusChanged) and not told.closed and not told.quiet and context.is_by_customer


@dataclass(frozen=True, slots=True)
class Rule:
    """Which mail goes to whom for a kind of event.

    `human`: caused by a deliberate act towards the recipient; otherwise it is automatic and counts against budgets.
    `only_if`: a field of the event that must be true.
    """

    event: type[TypedEvent]
    audience: Audience
    template: str
    human: bool = True
    only_if: str = ""  # a field of the event that must be true

    def fits(self, told: TypedEvent) -> bool:
        """Return whether the rule applies to the event."""
        return isinstance(told, self.event) and (not self.only_if or bool(getattr(told, self.only_if)))


RULES: tuple[Rule, ...] = (
    Rule(TicketOpened, newcomer, "activation", human=False),
    Rule(TicketOpened, requester, "accepted", human=False),
    Rule(TicketOpened, assignee, "assigned"),
    Rule(TicketOpened, staff_told_of_unassigned, "new_request"),
    Rule(TicketCommented, message_readers_except_author, "comment"),
    Rule(TicketCommented, closer_by_mail, "closed_by_mail", only_if="closed"),
    Rule(TicketCommented, undecided_approvers_who_asked, "approval_talk"),
    Rule(TicketCommented, asking_staff, "customer_replied", only_if="approval"),
    Rule(TicketCommented, assignee_when_customer_wrote, "customer_replied"),
    Rule(TicketCommented, staff_told_when_customer_wrote, "unassigned"),
    Rule(TicketCommented, mentioned_colleagues, "mentioned"),
    Rule(MessageHeld, assignee, "held"),
    Rule(MessageHeld, staff_told_of_unassigned, "held"),
    Rule(MessageHeld, answered_for, "own_address", human=False),
    Rule(ReplyStayed, reply_author, "reply_stayed"),
    Rule(MessageAdmitted, message_readers_except_author, "comment"),
    Rule(MessageAdmitted, undecided_approvers_who_asked, "approval_talk"),
    Rule(MessageAdmitted, assignee_when_customer_wrote, "customer_replied", only_if="own"),
    Rule(TicketForwarded, forwarded_to, "forwarded"),
    Rule(ForwardAnswered, told_of_answer, "forward_answered"),
    Rule(StatusChanged, participants_except_actor, "closed", only_if="closed"),
    Rule(StatusChanged, told_of_status, "status_changed"),
    Rule(StatusChanged, assignee_when_customer_moved, "customer_moved"),
    Rule(StatusChanged, staff_told_when_customer_moved, "customer_moved"),
    Rule(ParticipantAdded, added_participant, "added"),
    Rule(ParticipantAdded, requester_unless_actor, "shared"),
    Rule(ParticipantsAdded, participants_named_in_mail, "added", human=False),
    Rule(ParticipantsAdded, requester_unless_actor, "shared"),
    Rule(NewcomersLeft, doer, "not_added"),
    Rule(RequesterChanged, requester, "accepted"),
    Rule(TicketAssigned, assignee, "assigned"),
    Rule(TicketMoved, told_of_move, "moved"),
    Rule(TicketMoved, staff_told_of_move, "new_request"),
    Rule(MailUndelivered, assignee, "undelivered"),
    Rule(MailUndelivered, staff_told_of_unassigned, "undelivered"),
    Rule(ApprovalAsked, approvers, "approval_asked", human=False),
    Rule(ApprovalReminded, approvers, "approval_reminder", human=False),
    Rule(ApprovalAnswered, asking_staff, "approval_told", only_if="settled"),
    Rule(ApprovalAnswered, staff_told_of_unassigned, "approval_told", only_if="settled"),
    Rule(ApprovalAnswered, participants_except_actor, "approval_decided", only_if="settled"),
)

# Mails to staff: their links lead to the agents' pages.
FOR_AGENTS = {kind.name for kind in KINDS if kind.to == STAFF}

__all__ = ["FOR_AGENTS", "RULES", "Rule"]
