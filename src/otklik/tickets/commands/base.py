"""Shared by all ticket commands: locking, permission checks, changing fields, recording the event."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from otklik.core.errors import UnableTo
from otklik.core.locks import gone, lock_all
from otklik.journal.models import Event
from otklik.journal.record import build_event, record_all
from otklik.mail.models import InboundMail
from otklik.mail.secret_scan import blanked
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.access import is_agent_of, may_write
from otklik.tickets.commands.changes import changes_of, remember
from otklik.tickets.content import NewFile, Words, harmless
from otklik.tickets.events import TicketEvent
from otklik.tickets.models import Attachment, Change, Message, Participant, Ticket
from otklik.tickets.new_files import searched_files
from otklik.tickets.refusals import TicketRefusal
from otklik.tickets.timeline import events_of, news_for


class UnableToChange(UnableTo):
    """The ticket cannot be changed in this way by this person."""


class ChangedMeanwhile(UnableToChange):
    """Somebody else wrote or changed something after the page was made (RL-34)."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page showed of the ticket as a whole: its `version`, and the last `event` that it told of."""

    version: int
    event: int


def locked(ticket: Ticket, seen: Seen | None = None, by: Actor | None = None) -> Ticket:
    """The ticket's row, locked until the transaction ends, with what commands look at. Raises core.locks.Gone.

    `seen`: what the actor (`by`) acts upon. Raises ChangedMeanwhile if others did something to the ticket since; one's
    own acts in another window are no surprise. None: a script, or a mail, that does not say what it saw.
    """
    fresh = _taken(ticket) or locked_all([ticket]).get(ticket.pk)
    if fresh is None:
        raise gone()
    if seen is not None and fresh.version != seen.version and _has_news(fresh, seen, by):
        raise ChangedMeanwhile(TicketRefusal.CHANGED_MEANWHILE)
    return fresh


@contextmanager
def handed_on(ticket: Ticket) -> Iterator[None]:
    """Within the block the first command that locks this ticket is given this very object and asks the database
    nothing. For callers that got it from `locked_all` in the transaction that runs, and have changed nothing of it."""
    token = _handed_on.set([ticket])
    try:
        yield
    finally:
        _handed_on.reset(token)


# Taken once: a second command reads what the first one wrote, by whatever way.
_handed_on: ContextVar[list[Ticket] | None] = ContextVar("handed_on", default=None)


def _taken(ticket: Ticket) -> Ticket | None:
    waiting = _handed_on.get()
    return waiting.pop() if waiting and waiting[0].pk == ticket.pk else None


def _has_news(ticket: Ticket, seen: Seen, by: Actor | None) -> bool:
    if by is None or by.person is None:
        return events_of(ticket).filter(id__gt=seen.event).exists()
    return news_for(by.person, ticket, seen.event).exists()


def locked_all(tickets: Iterable[Ticket], *, skip_locked: bool = False) -> dict[int, Ticket]:
    """The same for several, by their ids; always locked in one order, so that two who do so never wait in a ring.
    `skip_locked`: without those that others hold."""
    wanted = Ticket.objects.filter(pk__in={ticket.pk for ticket in tickets}).order_by("pk")
    held = [ticket.pk for ticket in lock_all(wanted.only("pk"), skip_locked=skip_locked)]
    rows = {ticket.pk: ticket for ticket in wanted.filter(pk__in=held).select_related("desk", "status", "priority")}
    for ticket in rows.values():
        remember(ticket)
    return rows


def require_agent(actor: Actor, ticket: Ticket) -> None:
    """Raise UnableToChange unless the actor works at the desk or is the product itself."""
    if not actor.is_system and (actor.person is None or not is_agent_of(actor.person, ticket)):
        raise UnableToChange(TicketRefusal.STAFF_ONLY)


def require_involved(actor: Actor, ticket: Ticket) -> None:
    """Raise UnableToChange unless the actor may write there (tickets.access.may_write) or is the product itself."""
    if not actor.is_system and (actor.person is None or not may_write(actor.person, ticket)):
        raise UnableToChange(TicketRefusal.PARTICIPANTS_ONLY)


def new_message(
    ticket: Ticket,
    at: datetime,
    words: Words,
    *,
    kind: str,
    author: Person | None = None,
    claimed_author: str = "",
    inbound: InboundMail | None = None,
    opening: bool = False,
    held: bool = False,
    why: str = "",
    files: Sequence[NewFile] = (),
    answers: str = "",
) -> Message:
    """A message, not saved yet. It is found by the names of the `files` that will be attached, and by `answers`.

    Links with power in it, whoever wrote or quoted them, are not kept (mail.secret_scan): no reader, search or mail can
    hand out what is not there.
    """
    words = harmless(words)
    return Message(
        ticket=ticket,
        kind=kind,
        side=_side(ticket, kind, author, by_mail=opening or inbound is not None or bool(claimed_author)),
        opening=opening,
        held=held,
        author=author,
        claimed_author=blanked(claimed_author),
        text=words.text,
        html=words.html,
        markup=words.markup,
        quoted=words.quoted,
        layout=words.layout,
        cuts=list(words.cuts),
        inbound=inbound,
        why=why,
        besides=found_besides((file.name for file in files), answers),
        created_at=at,
    )


def _side(ticket: Ticket, kind: str, author: Person | None, *, by_mail: bool) -> str:
    """For whom the words speak. Who asked is the customer of the request, also where they work at its desk."""
    if kind == Message.Kind.INTERNAL:
        return Message.Side.STAFF if author is not None else Message.Side.SYSTEM
    if author is None:
        return Message.Side.CUSTOMER if by_mail else Message.Side.SYSTEM
    if author.pk == ticket.requester_id or not is_agent_of(author, ticket):
        return Message.Side.CUSTOMER
    return Message.Side.STAFF


def found_besides(names: Iterable[str], answers: str) -> str:
    """Text that finds a message besides its own: file names and answers, without secret links."""
    return blanked("\n".join([*(name[:200] for name in names), *([answers] if answers else [])]))


def write_message(
    ticket: Ticket, at: datetime, words: Words, *, kind: str, files: Sequence[NewFile] = (), **more: Any
) -> Message:
    """Write a message (see `new_message`) with its files. For commands that hold the lock; asks and tells nobody."""
    message = new_message(ticket, at, words, kind=kind, files=files, **more)
    message.save()
    add_files(message, files)
    return message


def add_files(message: Message, files: Sequence[NewFile]) -> None:
    """Attach files to a message, in order."""
    add_files_to([(message, files)])


def add_files_to(messages: Sequence[tuple[Message, Sequence[NewFile]]]) -> None:
    """Attach files to several messages, in order."""
    attachments = [
        Attachment(
            message=message,
            author=message.author,
            created_at=message.created_at,
            name=blanked(file.name)[:200],
            content_type=file.content_type[:100],
            size=file.size,
            digest=file.digest,
            content_id=file.content_id[:300],
            inline=file.inline,
            folded=file.folded,
            searched=file.searched or 0,
        )
        for message, files in messages
        for file in searched_files(files)
    ]
    if attachments:
        Attachment.objects.bulk_create(attachments)


def join(ticket: Ticket, person: Person, at: datetime, *, sees_all: bool, by: Person | None = None) -> bool:
    """Make the person a participant; returns whether that changed anything. Old reply addresses stay worthless."""
    values = {
        "added_at": at,
        "sees_from": None if sees_all else at,
        "added_by": by,
        "by_desk": speaks_for_desk(by, person, ticket),
    }
    participant, made = Participant.objects.get_or_create(ticket=ticket, person=person, defaults=values)
    if made or participant.removed_at is None:
        return made
    values |= {"removed_at": None, "named_in": None}
    for name, value in values.items():
        setattr(participant, name, value)
    participant.save(update_fields=[*values])
    return True


def speaks_for_desk(by: Person | None, person: Person, ticket: Ticket) -> bool:
    """Whether who adds this person to the ticket works at its desk now. Nobody is asked about themselves."""
    return by is not None and by.pk != person.pk and is_agent_of(by, ticket)


def touch(ticket: Ticket, at: datetime, *fields: str, inside: bool = False) -> None:
    """Save the named fields, the time of change and the next version. `inside`: customers see nothing of the change,
    so the time that they see stays (AB-48)."""
    ticket.updated_at, ticket.version = at, ticket.version + 1
    if not inside:
        ticket.shown_at = at
    ticket.save(update_fields=["updated_at", "shown_at", "version", *fields])


def tell(ticket: Ticket, told: TicketEvent, actor: Actor, at: datetime) -> Event:
    """The one event of a command, with a Change for each field that is another since `locked`."""
    event = telling(ticket, told, actor, at)
    record_all([event])
    if changes := changes_of(ticket, event, at):
        Change.objects.bulk_create(changes)
    return event


def telling(ticket: Ticket, told: TicketEvent, actor: Actor, at: datetime) -> Event:
    """The event of `tell`, not written yet: for commands that tell of several tickets and change no field."""
    return build_event(told.with_key(ticket.key), about=ticket.pk, by=actor, at=at)
