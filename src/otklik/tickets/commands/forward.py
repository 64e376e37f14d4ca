"""Forward a message to somebody outside, and receive the answer (ADR 109).

Both are notes of the ticket: customers read nothing of it, nobody becomes a participant, the ticket does not move.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from otklik.core.locks import lock, lock_all, lock_first, lock_words
from otklik.desks.queries import hold_time, own_addresses
from otklik.mail.claims import is_claimed
from otklik.mail.inbox import spellings
from otklik.mail.models import InboundMail, OutboundMail
from otklik.people.actor import Actor, system
from otklik.people.addresses import canonical
from otklik.people.models import Person
from otklik.people.queries import person_by_address
from otklik.tickets.access import is_participant
from otklik.tickets.commands.base import UnableToChange, locked, require_agent, tell, touch, write_message
from otklik.tickets.commands.edit_message import take_words_away
from otklik.tickets.content import NewFile, Words, harmless
from otklik.tickets.forward_events import ForwardAnswered, ForwardTakenBack, TicketForwarded
from otklik.tickets.models import Attachment, Forward, ForwardAnswer, Message, Ticket
from otklik.tickets.new_files import searched, searched_files
from otklik.tickets.refusals import TicketRefusal
from otklik.tickets.timeline import events_of

MOST_IN_AN_HOUR = 30
MOST_BYTES = 10 * 1024 * 1024
"""Of files that go with one mail."""


def is_forwardable(message: Message) -> bool:
    """Return whether the message may be forwarded: public messages and those from mail, no internal notes of the
    staff."""
    if message.held or message.withdrawn_at is not None:
        return False
    return message.kind == Message.Kind.PUBLIC or message.inbound_id is not None


def forward_message(
    *, actor: Actor, at: datetime, message: Message, address: str, words: Words, said: str, files: Collection[int] = ()
) -> Forward:
    """Forward a message by mail, below the agent's own text, which may be empty.

    `said`: the message's text as the page showed it; `message`: as loaded for that page; `files`: ids of its files to
    send along. Writes a note with what is sent and records an event; the mail is made from that after
    `takes_back_until`. Raises BadAddress, and UnableToChange: no agent, a message that must not be forwarded or was
    changed since, an address of a desk or of somebody on the ticket, a file of another message, more than MOST_BYTES,
    more than MOST_IN_AN_HOUR by one person.
    """
    address, chosen = canonical(address), _chosen(message, files)
    sent_on = harmless(Words(words.text, markup=words.markup, quoted=said))
    with transaction.atomic():
        ticket = locked(message.ticket)
        require_agent(actor, ticket)
        source = lock(Message, message.pk)
        if source.ticket_id != ticket.pk or not is_forwardable(source):
            raise UnableToChange(TicketRefusal.NOT_FORWARDABLE)
        if source.edited_at != message.edited_at:
            raise UnableToChange(TicketRefusal.FORWARD_CHANGED)
        _require_outside(ticket, address)
        _require_seldom(actor.person, at)
        note = write_message(
            ticket,
            at,
            sent_on,
            kind=Message.Kind.INTERNAL,
            author=actor.person,
            files=chosen,
        )
        author = source.author.display_name if source.author else source.claimed_author
        forward = Forward.objects.create(
            message=note, source=source, address=address, author=author[:300], written_at=source.created_at
        )
        touch(ticket, at, inside=True)
        tell(ticket, TicketForwarded(message=note.pk, address=address), actor, at)
    return forward


def takes_back_until(forward: Forward) -> datetime:
    """Return until when the mail is held back: as long as a reply of the desk."""
    return forward.message.created_at + hold_time(forward.message.ticket.desk)


def take_back_forward(*, actor: Actor, at: datetime, forward: Forward) -> Message:
    """Cancel a forward before its mail is sent; return the withdrawn note.

    Raises UnableToChange: no agent, too late, cancelled already.
    """
    with transaction.atomic():
        # The worker locks the event while it makes the mail: afterwards the mail either exists or never will.
        lock_first(events_of(forward.message.ticket).filter(TicketForwarded.where(message=forward.message_id)))
        ticket = locked(forward.message.ticket)
        require_agent(actor, ticket)
        note = lock(Message, forward.message_id)
        if note.withdrawn_at is not None or at >= takes_back_until(forward) or _has_gone(note, at):
            raise UnableToChange(TicketRefusal.FORWARD_GONE)
        take_words_away(note, actor, at)
        touch(ticket, at, inside=True)
        tell(ticket, ForwardTakenBack(message=note.pk, address=forward.address), actor, at)
    return note


def _has_gone(note: Message, at: datetime) -> bool:
    """Return whether the note's mail was offered to a server, or is being sent now."""
    mails = OutboundMail.objects.filter(ticket_id=note.ticket_id, about=note.pk).order_by("pk")
    waits = OutboundMail.State.QUEUED
    return any(
        mail.attempts or mail.state != waits or is_claimed(mail, at)
        for mail in lock_all(mails.only("attempts", "state", "claimed_until"))
    )


def note_answer(
    *,
    at: datetime,
    forward: Forward,
    words: Words,
    claimed_author: str,
    inbound: InboundMail,
    files: Sequence[NewFile] = (),
    why: str,
    by: Person | None = None,
) -> Message:
    """Store the answer to a forwarded message as an internal note, whoever the mail claims to be from.

    Never made public later; changes no status and adds no participant. `by`: the person whose mail it certainly is, if
    known.
    """
    words, files = harmless(words), searched_files(files)
    with transaction.atomic():
        ticket = locked(forward.message.ticket)
        message = write_message(
            ticket,
            at,
            words,
            kind=Message.Kind.INTERNAL,
            files=files,
            claimed_author=claimed_author,
            inbound=inbound,
            why=why,
        )
        ForwardAnswer.objects.create(message=message, forward=forward)
        touch(ticket, at, inside=True)
        told = ForwardAnswered(message=message.pk, note=forward.message_id, address=forward.address)
        tell(ticket, told, Actor(by, "mail") if by is not None else system("mail"), at)
    return message


def _require_outside(ticket: Ticket, address: str) -> None:
    if own_addresses().intersection(spellings(address)):
        raise UnableToChange(TicketRefusal.DESK_ADDRESS)
    person = person_by_address(address)
    if person is not None and is_participant(person, ticket):
        raise UnableToChange(TicketRefusal.ON_THE_REQUEST, address=address)


def _require_seldom(person: Person | None, at: datetime) -> None:
    """Raise UnableToChange beyond MOST_IN_AN_HOUR: a stolen session must not be able to send mass mail (R9)."""
    if person is None:
        return
    lock_words([f"forwards of {person.pk}"])
    lately = Forward.objects.filter(message__author=person, message__created_at__gt=at - timedelta(hours=1))
    if lately.count() >= MOST_IN_AN_HOUR:
        raise UnableToChange(TicketRefusal.FORWARDED_TOO_OFTEN, most=MOST_IN_AN_HOUR)


def _chosen(source: Message, files: Collection[int]) -> list[NewFile]:
    """Return copies of the files with these ids; the stored bytes are shared (AB-46)."""
    chosen = list(Attachment.objects.filter(message=source, pk__in=files).order_by("id"))
    if len(chosen) != len(set(files)):
        raise UnableToChange(TicketRefusal.FILE_OF_OTHER_MESSAGE)
    if sum(file.size for file in chosen) > MOST_BYTES:
        raise UnableToChange(TicketRefusal.FILES_TOO_LARGE)
    return [
        NewFile(
            name=file.name,
            content_type=file.content_type,
            size=file.size,
            digest=file.digest,
            searched=file.searched,
        )
        for file in map(searched, chosen)
    ]
