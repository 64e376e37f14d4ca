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
    """The ticket cannot be changed in this way by this actor; the refusal code says why."""


class ChangedMeanwhile(UnableToChange):
    """Somebody else wrote or changed something after the page was rendered (RL-34)."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The state of the ticket that a page showed: its `version`, and the last `event` in its timeline."""

    version: int
    event: int


def locked(ticket: Ticket, seen: Seen | None = None, by: Actor | None = None) -> Ticket:
    """Lock the ticket until the transaction ends; return its current row with desk, status and priority.

    `seen`: the state that the actor (`by`) acts on; raises ChangedMeanwhile if others changed the ticket since. The
    actor's own changes in another window do not count. None skips the check, for scripts and mail. Raises
    core.locks.Gone.
    """
    fresh = _taken(ticket) or locked_all([ticket]).get(ticket.pk)
    if fresh is None:
        raise gone()
    if seen is not None and fresh.version != seen.version and _has_news(fresh, seen, by):
        raise ChangedMeanwhile(TicketRefusal.CHANGED_MEANWHILE)
    return fresh


@contextmanager
def handed_on(ticket: Ticket) -> Iterator[None]:
    """Within the block, the first `locked` call for this ticket returns this object without a query.

    For callers that got it from `locked_all` in the current transaction and have not changed it.
    """
    token = _handed_on.set([ticket])
    try:
        yield
    finally:
        _handed_on.reset(token)


# Used once: a second command must read what the first one wrote.
_handed_on: ContextVar[list[Ticket] | None] = ContextVar("handed_on", default=None)


def _taken(ticket: Ticket) -> Ticket | None:
    waiting = _handed_on.get()
    return waiting.pop() if waiting and waiting[0].pk == ticket.pk else None


def _has_news(ticket: Ticket, seen: Seen, by: Actor | None) -> bool:
    if by is None or by.person is None:
        return events_of(ticket).filter(id__gt=seen.event).exists()
    return news_for(by.person, ticket, seen.event).exists()


def locked_all(tickets: Iterable[Ticket], *, skip_locked: bool = False) -> dict[int, Ticket]:
    """Lock several tickets, in the order of their ids so that two callers cannot deadlock; return them by id.

    `skip_locked`: leave out those that others have locked.
    """
    wanted = Ticket.objects.filter(pk__in={ticket.pk for ticket in tickets}).order_by("pk")
    held = [ticket.pk for ticket in lock_all(wanted.only("pk"), skip_locked=skip_locked)]
    rows = {ticket.pk: ticket for ticket in wanted.filter(pk__in=held).select_related("desk", "status", "priority")}
    for ticket in rows.values():
        remember(ticket)
    return rows


def require_agent(actor: Actor, ticket: Ticket) -> None:
    """Raise UnableToChange unless the actor works at the ticket's desk or is the system."""
    if not actor.is_system and (actor.person is None or not is_agent_of(actor.person, ticket)):
        raise UnableToChange(TicketRefusal.STAFF_ONLY)


def require_involved(actor: Actor, ticket: Ticket) -> None:
    """Raise UnableToChange unless the actor may write there (tickets.access.may_write) or is the system."""
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
    left_out: Sequence[int] = (),
) -> Message:
    """Return an unsaved message, with its search text (from the names of `files`, and `answers`).

    Links that give access to something are removed (mail.secret_scan), whoever wrote or quoted them, so that no page,
    search or mail can leak them.
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
        left_out=list(left_out),
        inbound=inbound,
        why=why,
        besides=found_besides((file.name for file in files), answers),
        created_at=at,
    )


def _side(ticket: Ticket, kind: str, author: Person | None, *, by_mail: bool) -> str:
    """Return which side the message speaks for. The requester is the customer, even if they work at the desk."""
    if kind == Message.Kind.INTERNAL:
        return Message.Side.STAFF if author is not None else Message.Side.SYSTEM
    if author is None:
        return Message.Side.CUSTOMER if by_mail else Message.Side.SYSTEM
    if author.pk == ticket.requester_id or not is_agent_of(author, ticket):
        return Message.Side.CUSTOMER
    return Message.Side.STAFF


def found_besides(names: Iterable[str], answers: str) -> str:
    """Return the search text in addition to the message's own: file names and answers, without secret links."""
    return blanked("\n".join([*(name[:200] for name in names), *([answers] if answers else [])]))


def write_message(
    ticket: Ticket, at: datetime, words: Words, *, kind: str, files: Sequence[NewFile] = (), **more: Any
) -> Message:
    """Save a message (see `new_message`) with its files. For commands that hold the lock: it checks no rights and
    records no event."""
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
    """Make the person a participant; return whether that changed anything.

    `sees_all`: also the messages so far. Reply addresses from an earlier participation stay invalid.
    """
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
    """Return whether `by` adds another person to the ticket as somebody who works at its desk."""
    return by is not None and by.pk != person.pk and is_agent_of(by, ticket)


def touch(ticket: Ticket, at: datetime, *fields: str, inside: bool = False) -> None:
    """Save the named fields, increment the version and set the time of change.

    `inside`: customers do not see the change, so the time that they see (`shown_at`) stays (AB-48).
    """
    ticket.updated_at, ticket.version = at, ticket.version + 1
    if not inside:
        ticket.shown_at = at
    ticket.save(update_fields=["updated_at", "shown_at", "version", *fields])


def tell(ticket: Ticket, told: TicketEvent, actor: Actor, at: datetime) -> Event:
    """Record a command's event, and a Change row for each field that differs since `locked`."""
    event = telling(ticket, told, actor, at)
    record_all([event])
    if changes := changes_of(ticket, event, at):
        Change.objects.bulk_create(changes)
    return event


def telling(ticket: Ticket, told: TicketEvent, actor: Actor, at: datetime) -> Event:
    """Return the unsaved event, for commands that record events for several tickets and change no field."""
    return build_event(told.with_key(ticket.key), about=ticket.pk, by=actor, at=at)
