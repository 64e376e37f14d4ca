"""Add comments to a ticket, held ones included, and admit those that were held."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from otklik.core.bulk_update import update_rows
from otklik.core.locks import lock
from otklik.journal.record import record_all
from otklik.mail.inbound_state import locked_row, now_a_comment
from otklik.mail.models import InboundMail
from otklik.mail.reasons import because
from otklik.people.actor import Actor, system
from otklik.people.models import Person
from otklik.tickets.access import is_agent_of, is_participant
from otklik.tickets.commands.base import (
    Seen,
    UnableToChange,
    add_files_to,
    join,
    locked,
    locked_all,
    new_message,
    require_agent,
    require_involved,
    tell,
    telling,
    touch,
    write_message,
)
from otklik.tickets.commands.status import after_customer_reply
from otklik.tickets.content import NewFile, Words, harmless
from otklik.tickets.events import MessageAdmitted, MessageHeld, TicketCommented
from otklik.tickets.models import Message, Ticket
from otklik.tickets.new_files import searched_files
from otklik.tickets.refusals import TicketRefusal


def comment(
    *,
    actor: Actor,
    at: datetime,
    ticket: Ticket,
    words: Words,
    kind: str = Message.Kind.PUBLIC,
    files: Sequence[NewFile] = (),
    inbound: InboundMail | None = None,
    why: str = "",
    left_out: Sequence[int] = (),
    seen: Seen | None = None,
) -> Message:
    """Add a message: participants publicly, the desk's staff publicly or as an internal note.

    `left_out`: ids of people who get no mail of it. A customer's message moves the ticket as the transition table says
    (waiting goes back to work, closed reopens). Raises UnableToChange: not on the ticket, a note by a customer, neither
    text nor files; ChangedMeanwhile as `locked` does for `seen`.
    """
    if not words.text.strip() and not files:
        raise UnableToChange(TicketRefusal.NOTHING_WRITTEN)
    words, files = harmless(words), searched_files(files)
    with transaction.atomic():
        ticket = locked(ticket, seen, actor)
        if kind == Message.Kind.INTERNAL:
            require_agent(actor, ticket)
        else:
            require_involved(actor, ticket)
            _join_by_writing(ticket, actor, at)
        more = {"author": actor.person, "inbound": inbound, "why": why, "left_out": left_out}
        message = write_message(ticket, at, words, kind=kind, files=files, **more)
        moved = after_customer_reply(ticket, at) if message.side == Message.Side.CUSTOMER else ""
        if actor.id is not None and actor.id == ticket.requester_id:
            # Whoever owns the address has now spoken for this request, by login or by answering our mail.
            ticket.sender_unverified = False
        if actor.id is not None:
            ticket.undelivered_at = None
        touch(ticket, at, "sender_unverified", "undelivered_at", inside=kind == Message.Kind.INTERNAL)
        tell(ticket, TicketCommented(message=message.pk, message_kind=kind, moved=moved), actor, at)
    return message


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldWords:
    """The arguments of `hold_comment`, for `hold_comments`."""

    ticket: Ticket
    words: Words
    claimed_author: str
    inbound: InboundMail
    files: Sequence[NewFile] = ()
    why: str = ""


def hold_comment(
    *,
    at: datetime,
    ticket: Ticket,
    words: Words,
    claimed_author: str,
    inbound: InboundMail,
    files: Sequence[NewFile] = (),
    why: str,
) -> Message:
    """Store a mail's text on the ticket, visible to agents only, until one of them admits it (AB-06, rule R1).

    Changes no status, mails nobody outside the staff, and adds no participant.
    """
    held = HeldWords(ticket=ticket, words=words, claimed_author=claimed_author, inbound=inbound, files=files, why=why)
    return hold_comments(held=[held], at=at)[0]


def hold_comments(*, held: Sequence[HeldWords], at: datetime) -> list[Message]:
    """Like `hold_comment` for several mails, in order, with a fixed number of statements."""
    itself = system("mail")
    held = [
        replace(held_comment, words=harmless(held_comment.words), files=searched_files(held_comment.files))
        for held_comment in held
    ]
    with transaction.atomic():
        rows = locked_all([held_comment.ticket for held_comment in held])
        messages = [_held(held_comment, rows[held_comment.ticket.pk], at) for held_comment in held]
        Message.objects.bulk_create(messages)
        add_files_to([(message, held_comment.files) for held_comment, message in zip(held, messages, strict=True)])
        for message in messages:
            message.ticket.updated_at, message.ticket.version = at, message.ticket.version + 1
        update_rows(list(rows.values()), "updated_at", "version")
        record_all(
            [
                telling(message.ticket, MessageHeld(message=message.pk, claimed=message.claimed_author), itself, at)
                for message in messages
            ]
        )
    return messages


def _held(held_comment: HeldWords, ticket: Ticket, at: datetime) -> Message:
    return new_message(
        ticket,
        at,
        held_comment.words,
        kind=Message.Kind.PUBLIC,
        claimed_author=held_comment.claimed_author,
        inbound=held_comment.inbound,
        held=True,
        why=held_comment.why,
        files=held_comment.files,
    )


def admit_message(*, actor: Actor, at: datetime, message: Message) -> Message:
    """Make a held message public, as an agent, and mark its mail as filed. Raises UnableToChange.

    Every page that admits messages uses this command.
    """
    with transaction.atomic():
        mail = locked_row(message.inbound_id)
        ticket = locked(message.ticket)
        require_agent(actor, ticket)
        held = lock(Message, message.pk)
        if not held.held:
            raise UnableToChange(TicketRefusal.ADMITTED_ALREADY)
        held.held = False
        held.save(update_fields=["held"])
        if mail is not None:
            now_a_comment(mail, because("admitted", actor.name), at)
        touch(ticket, at)
        tell(ticket, MessageAdmitted(message=held.pk), actor, at)
    return held


def admit_own(*, at: datetime, message: Message, person: Person) -> Message:
    """Make a held message public as written by `person`, who has proved that the mail's address is theirs.

    The caller has checked that the mail itself is authentic. The ticket moves as for any reply. Raises UnableToChange:
    admitted already, or the person may not write on the ticket.
    """
    actor = Actor(person, "mail")
    with transaction.atomic():
        mail = locked_row(message.inbound_id)
        ticket = locked(message.ticket)
        require_involved(actor, ticket)
        held = lock(Message, message.pk)
        if not held.held:
            raise UnableToChange(TicketRefusal.ADMITTED_ALREADY)
        held.held, held.author = False, person
        if person.pk != ticket.requester_id and is_agent_of(person, ticket):
            held.side = Message.Side.STAFF
        held.save(update_fields=["held", "author", "side"])
        if mail is not None:
            now_a_comment(mail, because("proved_own", person.display_name), at)
        moved = after_customer_reply(ticket, at) if held.side == Message.Side.CUSTOMER else ""
        touch(ticket, at)
        tell(ticket, MessageAdmitted(message=held.pk, moved=moved, own=True), actor, at)
    return held


def _join_by_writing(ticket: Ticket, actor: Actor, at: datetime) -> None:
    """Make the author a participant if they may write only through their organization, so that they get the answers."""
    who = actor.person
    if who is not None and not is_participant(who, ticket) and not is_agent_of(who, ticket):
        join(ticket, who, at, sees_all=True, by=who)
