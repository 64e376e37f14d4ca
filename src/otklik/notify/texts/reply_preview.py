"""The mail that a reply would become, before it is sent. Writes nothing and sends nothing."""

from dataclasses import dataclass, replace
from datetime import datetime

from otklik.desks.models import Transition
from otklik.journal.record import build_event
from otklik.notify.event_context import EventContext, Recipient, contexts
from otklik.notify.from_name import sender_name
from otklik.notify.mail_links import stop_link
from otklik.notify.rendering import Letter
from otklik.notify.rules import message_readers_except_author
from otklik.notify.ticket_mails import agent_behind
from otklik.notify.ticket_texts import letter_for
from otklik.people.actor import Actor
from otklik.tickets.commands.status import with_status
from otklik.tickets.content import Recipients, Words
from otklik.tickets.events import TicketCommented
from otklik.tickets.models import Message, Participant, Ticket


@dataclass(frozen=True, slots=True)
class ReplyMail:
    """The mail of a reply: its sender, everybody who gets one, and its content as the first of them gets it."""

    sender: str
    recipients: tuple[str, ...]
    letter: Letter


def reply_mail(
    *, actor: Actor, at: datetime, ticket: Ticket, words: Words, step: Transition | None, recipients: Recipients
) -> ReplyMail | None:
    """Return the mail that this reply would become; None if nobody would get one.

    Links that give power over the request are not valid in it, as it is shown to an agent.
    """
    context = _context(actor, at, ticket, words, step, recipients)
    readers = message_readers_except_author(context)
    addresses = [*(reader.person.email or "" for reader in readers), *recipients.added]
    if not addresses:
        return None
    person = readers[0].person if readers else actor.person
    if person is None:
        return None
    nobody = Participant(pk=0, ticket=context.ticket, person=person)
    letter = letter_for("comment", context, Recipient(person, nobody), ([], []), stop_link(nobody))
    name = sender_name(ticket.desk, lambda: agent_behind(context))
    return ReplyMail(f"{name} <{context.sender}>", tuple(addresses), letter)


def _context(
    actor: Actor, at: datetime, ticket: Ticket, words: Words, step: Transition | None, recipients: Recipients
) -> EventContext:
    told = TicketCommented(message=0, message_kind=Message.Kind.PUBLIC, moved="")
    if step is not None:
        before, after, done = ticket.status.name, step.target.name, step.target.is_done
        told = replace(told, moved=after, before=before, after=after, category=step.target.category, closed=done)
    (context,) = contexts([build_event(told.with_key(ticket.key), about=ticket.pk, by=actor, at=at)])
    if step is not None:
        with_status(context.ticket, step.target, at)
    message = Message(
        ticket=context.ticket,
        author=actor.person,
        kind=Message.Kind.PUBLIC,
        side=Message.Side.STAFF,
        text=words.text,
        markup=words.markup,
        left_out=list(recipients.left_out),
        created_at=at,
    )
    return replace(context, row=message)
