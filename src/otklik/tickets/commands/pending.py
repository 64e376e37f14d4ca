"""Hold, schedule, move, undo and send pending replies.

Until a pending reply is sent, nothing is public: no customer sees it, no mail exists, and the ticket has not moved.
When its time comes it becomes a message like any other, in one transaction.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from otklik.core.locks import lock, lock_first
from otklik.core.notify_channel import wake
from otklik.desks.models import Transition
from otklik.people.actor import Actor, system
from otklik.people.addresses import BadAddress
from otklik.tickets.access import is_agent_of
from otklik.tickets.commands.base import Seen, UnableToChange, locked, require_agent, tell, touch
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.share import share_with_address
from otklik.tickets.commands.status import allowed_transitions, change_status
from otklik.tickets.content import AS_USUAL, NewFile, Recipients, Words
from otklik.tickets.events import ReplyHeld, ReplyMoved, ReplyStayed, ReplyUndone, TicketEvent
from otklik.tickets.models import Message, PendingReply, Ticket
from otklik.tickets.refusals import TicketRefusal
from otklik.tickets.stored_refusals import stored
from otklik.tickets.timeline import events_of

TOPIC = "replies"
LATEST = timedelta(days=366)
State = PendingReply.State
_MOST_OF_WHY = 300  # characters of the column


def hold_reply(
    *,
    actor: Actor,
    at: datetime,
    ticket: Ticket,
    words: Words,
    due_at: datetime,
    files: Sequence[NewFile] = (),
    step: Transition | None = None,
    scheduled: bool = False,
    unless_answered: bool = False,
    recipients: Recipients = AS_USUAL,
    seen: Seen | None = None,
) -> PendingReply:
    """Store an agent's public reply until `due_at`.

    `scheduled`: the agent chose the time; then it is sent even if a customer writes first, unless `unless_answered`.
    Raises UnableToChange: no agent, neither text nor files, a time in the past or beyond LATEST, an unavailable
    transition; ChangedMeanwhile as `locked` does for `seen`.
    """
    if not words.text.strip() and not files:
        raise UnableToChange(TicketRefusal.NOTHING_WRITTEN)
    with transaction.atomic():
        ticket = locked(ticket, seen, actor)
        require_agent(actor, ticket)
        if actor.person is None:
            raise UnableToChange(TicketRefusal.PEOPLE_ONLY)
        _require_time(at, due_at)
        if step is not None and step.pk not in {allowed.pk for allowed in allowed_transitions(actor, ticket)}:
            raise UnableToChange(TicketRefusal.STEP_UNKNOWN)
        reply = PendingReply.objects.create(
            ticket=ticket,
            author=actor.person,
            text=words.text,
            markup=words.markup,
            files=[asdict(file) for file in files],
            transition=step,
            scheduled=scheduled,
            unless_answered=unless_answered,
            left_out=list(recipients.left_out),
            added=list(recipients.added),
            written_at=at,
            due_at=due_at,
        )
        touch(ticket, at, inside=True)
        held = ReplyHeld(
            pending=reply.pk, due=due_at.isoformat(), scheduled=scheduled, last_message=_last_message(ticket)
        )
        tell(ticket, held, actor, at)
        wake(TOPIC)
    return reply


def say(
    *,
    actor: Actor,
    at: datetime,
    ticket: Ticket,
    words: Words,
    files: Sequence[NewFile] = (),
    step: Transition | None,
    recipients: Recipients = AS_USUAL,
    seen: Seen | None = None,
) -> Message:
    """Post a public reply at once, with a transition if given, as one event; before it, one for everybody added.

    Raises UnableToChange, also for people who cannot be added; ChangedMeanwhile as `locked` does for `seen`.
    """
    said: dict[str, Any] = {"words": words, "files": files, "left_out": recipients.left_out, "seen": seen}
    with transaction.atomic():
        for address in recipients.added:
            _add(actor, at, ticket, address)
        if step is None:
            return comment(actor=actor, at=at, ticket=ticket, **said)
        ticket = change_status(actor=actor, at=at, ticket=ticket, transition=step, **said)
        return Message.objects.filter(ticket=ticket, author=actor.person, kind=Message.Kind.PUBLIC).latest("id")


def _add(actor: Actor, at: datetime, ticket: Ticket, address: str) -> None:
    try:
        share_with_address(actor=actor, at=at, ticket=ticket, address=address, with_reply=True)
    except BadAddress as error:
        raise UnableToChange(TicketRefusal.CANNOT_BE_ADDED) from error


def undo_reply(*, actor: Actor, at: datetime, reply: PendingReply) -> PendingReply:
    """Cancel a pending reply; its text becomes a draft of its author. Raises UnableToChange."""
    with transaction.atomic():
        reply = _waiting(actor, reply)
        reply.state, reply.why = State.DRAFT, ""
        reply.save(update_fields=["state", "why", *reply.try_anew()])
        _told(reply, ReplyUndone(pending=reply.pk), actor, at)
    return reply


def move_reply(*, actor: Actor, at: datetime, reply: PendingReply, due_at: datetime) -> PendingReply:
    """Reschedule a reply that is pending or was stopped. Raises UnableToChange."""
    with transaction.atomic():
        reply = _waiting(actor, reply)
        _require_time(at, due_at)
        known = _last_message(reply.ticket) if reply.state == State.STOPPED else None
        reply.due_at, reply.scheduled, reply.state, reply.why = due_at, True, State.WAITING, ""
        reply.save(update_fields=["due_at", "scheduled", "state", "why", *reply.try_anew()])
        _told(reply, ReplyMoved(pending=reply.pk, due=due_at.isoformat(), last_message=known), actor, at)
        wake(TOPIC)
    return reply


def send_reply_now(*, actor: Actor, at: datetime, reply: PendingReply) -> Message:
    """Send a reply that is pending or was stopped, for whatever reason. Raises UnableToChange."""
    with transaction.atomic():
        reply = _waiting(actor, reply)
        try:
            return _become(reply, at)
        except TypeError as error:
            raise UnableToChange(TicketRefusal.FILES_UNREADABLE) from error


def drop_draft(*, actor: Actor, reply: PendingReply) -> None:
    """Delete a draft of the actor's own. Does nothing for other replies."""
    PendingReply.objects.filter(pk=reply.pk, state=State.DRAFT, author=actor.person).delete()


def release(*, at: datetime, reply: PendingReply) -> Message | None:
    """Post a reply that is due, or stop it and store the reason; return the message, None if stopped.

    For the worker, inside the transaction that locked the row.
    """
    # Within the seconds for undoing, the author has not seen what a customer writes.
    if (reply.unless_answered or not reply.scheduled) and _answered(reply):
        _stay(reply, UnableToChange(TicketRefusal.CUSTOMER_WROTE), at)
        return None
    try:
        with transaction.atomic():
            return _become(reply, at)
    except UnableToChange as refusal:
        _stay(reply, refusal, at)
        return None


def note_failed_try(*, at: datetime, reply: PendingReply) -> None:
    """Record that posting failed: it is retried with growing waits and finally stopped, which its author sees.

    For the worker. Saves the row before anything that the same fault could affect.
    """
    locked_reply = lock_first(PendingReply.objects.filter(pk=reply.pk, state=State.WAITING))
    if locked_reply is None:
        return
    columns = locked_reply.note_failure(at)
    if locked_reply.failed_at is not None:
        locked_reply.state = State.STOPPED
        locked_reply.why = stored(UnableToChange(TicketRefusal.PROGRAM_FAULT), _MOST_OF_WHY)
    locked_reply.save(update_fields=[*columns, "state", "why"])


def _become(reply: PendingReply, at: datetime) -> Message:
    # The ticket may have moved to another desk, where the author would write as a customer.
    if not is_agent_of(reply.author, reply.ticket):
        raise UnableToChange(TicketRefusal.AUTHOR_ELSEWHERE)
    message = say(
        actor=Actor(reply.author, "agent"),
        at=at,
        ticket=reply.ticket,
        words=Words(reply.text, markup=reply.markup),
        files=[NewFile(**file) for file in reply.files],
        step=reply.transition,
        recipients=Recipients(tuple(reply.left_out), tuple(reply.added)),
    )
    reply.state, reply.message, reply.text, reply.files, reply.why = State.SENT, message, "", [], ""
    reply.left_out, reply.added = [], []
    own = ["state", "message", "text", "files", "why", "left_out", "added"]
    reply.save(update_fields=[*own, *reply.try_anew()])
    return message


def _stay(reply: PendingReply, refusal: UnableToChange, at: datetime) -> None:
    reply.state, reply.why = State.STOPPED, stored(refusal, _MOST_OF_WHY)
    reply.save(update_fields=["state", "why"])
    _told(reply, ReplyStayed(pending=reply.pk, why=reply.why), system(), at)


def _last_message(ticket: Ticket) -> int:
    """Return the id of the ticket's last message, 0 if there is none. Reliable only under the ticket's lock."""
    return Message.objects.filter(ticket=ticket).aggregate(last=Max("id"))["last"] or 0


def _answered(reply: PendingReply) -> bool:
    """Return whether a customer wrote after the reply was held, or got a new time after it had been stopped.

    Compares message ids, since the clocks of several machines differ.
    """
    last = _known_message(reply)
    since = Message.objects.filter(ticket=reply.ticket_id)
    # Replies held by earlier versions did not store the last message.
    since = since.filter(created_at__gt=reply.written_at) if last is None else since.filter(pk__gt=last)
    return since.filter(kind=Message.Kind.PUBLIC, side=Message.Side.CUSTOMER).exists()


def _known_message(reply: PendingReply) -> int | None:
    """Return the id of the last message that the reply takes into account; None if no event tells."""
    told = events_of(reply.ticket).filter(ReplyHeld.where(pending=reply.pk) | ReplyMoved.where(pending=reply.pk))
    typed = [event.typed for event in told.order_by("id")]
    known = [each.last_message for each in typed if isinstance(each, ReplyHeld | ReplyMoved)]
    return max((message for message in known if message is not None), default=None)


def _waiting(actor: Actor, reply: PendingReply) -> PendingReply:
    """Lock the ticket and then the reply; return it. Any agent of the desk may act on it.

    Raises UnableToChange if it was sent, or is a draft.
    """
    ticket = locked(reply.ticket)
    require_agent(actor, ticket)
    reply = lock(PendingReply, reply.pk)
    if reply.state not in {State.WAITING, State.STOPPED}:
        raise UnableToChange(TicketRefusal.REPLY_GONE)
    reply.ticket = ticket
    return reply


def _told(reply: PendingReply, told: TicketEvent, actor: Actor, at: datetime) -> None:
    ticket = locked(reply.ticket)
    touch(ticket, at, inside=True)
    tell(ticket, told, actor, at)


def _require_time(at: datetime, due_at: datetime) -> None:
    if due_at < at:
        raise UnableToChange(TicketRefusal.TIME_PASSED)
    if due_at > at + LATEST:
        raise UnableToChange(TicketRefusal.TIME_TOO_FAR)
