"""Open a ticket."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from otklik.core.errors import UnableTo
from otklik.desks.models import Desk, Priority, RequestType
from otklik.desks.queries import default_priority, first_status, form_rows
from otklik.journal.record import record_all
from otklik.mail.models import InboundMail
from otklik.mail.secret_scan import blanked
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.answers.search_text import searched_words
from otklik.tickets.commands.approve import ask_of_type
from otklik.tickets.commands.base import add_files_to, new_message, speaks_for_desk, telling
from otklik.tickets.commands.changes import remember
from otklik.tickets.commands.ticket_numbers import take_numbers
from otklik.tickets.content import NewFile, Words, harmless
from otklik.tickets.events import TicketOpened
from otklik.tickets.models import SUBJECT_LENGTH, Message, Participant, Ticket, TicketLink
from otklik.tickets.new_files import searched_files
from otklik.tickets.refusals import TicketRefusal

_PARTING = frozenset({"Cc", "Zl", "Zp", "Cs", "Co"})
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


class UnableToOpen(UnableTo):
    """The ticket cannot be opened; the refusal code says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTicket:
    """The arguments of `open_ticket`."""

    actor: Actor
    desk: Desk
    channel: str
    subject: str
    words: Words
    requester: Person | None
    request_type: RequestType | None = None
    priority: Priority | None = None
    assignee: Person | None = None
    files: Sequence[NewFile] = ()
    answers: Mapping[str, Any] = field(default_factory=dict)
    participants: Sequence[Person] = ()
    inbound: InboundMail | None = None
    related: Ticket | None = None
    sender_unverified: bool = False
    claimed_author: str = ""
    why: str = ""


def open_ticket(
    *,
    actor: Actor,
    at: datetime,
    desk: Desk,
    channel: str,
    subject: str,
    words: Words,
    requester: Person | None,
    request_type: RequestType | None = None,
    priority: Priority | None = None,
    assignee: Person | None = None,
    files: Sequence[NewFile] = (),
    answers: Mapping[str, Any] | None = None,
    participants: Sequence[Person] = (),
    inbound: InboundMail | None = None,
    related: Ticket | None = None,
    sender_unverified: bool = False,
    claimed_author: str = "",
    why: str = "",
) -> Ticket:
    """Open a ticket with the desk's next number, an opening message, and the requester as participant.

    `answers`: by field key, from AnswersForm.kept_answers. `participants` see everything from the beginning. `related`:
    a ticket to link to. Numbers have no gaps: the number is taken under a lock until the end of the transaction, and
    given back if that rolls back. Raises UnableToOpen if the request type belongs to another desk.
    """
    request = NewTicket(
        actor=actor,
        desk=desk,
        channel=channel,
        subject=subject,
        words=words,
        requester=requester,
        request_type=request_type,
        priority=priority,
        assignee=assignee,
        files=files,
        answers=answers or {},
        participants=participants,
        inbound=inbound,
        related=related,
        sender_unverified=sender_unverified,
        claimed_author=claimed_author,
        why=why,
    )
    return open_tickets(requests=[request], at=at)[0]


def open_tickets(*, requests: Sequence[NewTicket], at: datetime) -> list[Ticket]:
    """Like `open_ticket` for several tickets, in order, with a fixed number of statements. Raises UnableToOpen."""
    if any(new.request_type is not None and new.request_type.desk_id != new.desk.pk for new in requests):
        raise UnableToOpen(TicketRefusal.TYPE_OF_OTHER_DESK)
    with transaction.atomic():
        # Before taking the numbers: from then on other openings at the desk wait for us.
        requests = [replace(new, words=harmless(new.words), files=searched_files(new.files)) for new in requests]
        numbers = _numbers([new.desk for new in requests])
        tickets = [_ticket(new, number, at) for new, number in zip(requests, numbers, strict=True)]
        Ticket.objects.bulk_create(tickets)
        messages = [_opening(new, ticket, at) for new, ticket in zip(requests, tickets, strict=True)]
        Message.objects.bulk_create(messages)
        add_files_to([(message, new.files) for new, message in zip(requests, messages, strict=True)])
        Participant.objects.bulk_create(
            participant
            for new, ticket in zip(requests, tickets, strict=True)
            for participant in _participants(new, ticket, at)
        )
        TicketLink.objects.bulk_create(
            TicketLink(kind=TicketLink.Kind.RELATES, source=ticket, target=new.related, added_at=at)
            for new, ticket in zip(requests, tickets, strict=True)
            if new.related is not None
        )
        record_all(
            [
                telling(ticket, TicketOpened(message=message.pk, unverified=new.sender_unverified), new.actor, at)
                for new, ticket, message in zip(requests, tickets, messages, strict=True)
            ]
        )
        for ticket in tickets:
            remember(ticket)
            ask_of_type(at=at, ticket=ticket)
    return tickets


def _ticket(new: NewTicket, number: int, at: datetime) -> Ticket:
    return Ticket(
        desk=new.desk,
        number=number,
        key=f"{new.desk.key}-{number}",
        subject=_one_line(blanked(new.subject)),
        request_type=new.request_type,
        requester=new.requester,
        status=first_status(new.desk),
        priority=new.priority or default_priority(new.desk),
        assignee=new.assignee,
        created_by=new.actor.person,
        channel=new.channel,
        answers=dict(new.answers),
        sender_unverified=new.sender_unverified,
        created_at=at,
        updated_at=at,
        shown_at=at,
    )


def _people(new: NewTicket) -> list[Person]:
    """The requester, then everybody else, without duplicates."""
    people = [new.requester, *new.participants] if new.requester else list(new.participants)
    return list({person.pk: person for person in people}.values())


def _participants(new: NewTicket, ticket: Ticket, at: datetime) -> list[Participant]:
    people, by = _people(new), new.actor.person
    others = [person for person in people if by is not None and by.pk != person.pk]
    by_desk = bool(others) and speaks_for_desk(by, others[0], ticket)
    return [
        Participant(
            ticket=ticket,
            person=person,
            added_at=at,
            added_by=by if person in others else None,
            by_desk=by_desk and person in others,
        )
        for person in people
    ]


def _opening(new: NewTicket, ticket: Ticket, at: datetime) -> Message:
    return new_message(
        ticket,
        at,
        new.words,
        kind=Message.Kind.PUBLIC,
        opening=True,
        author=new.requester,
        claimed_author=new.claimed_author,
        inbound=new.inbound,
        why=new.why,
        files=new.files,
        answers=_searched(new),
    )


def _searched(new: NewTicket) -> str:
    """The search text of the answers. Mails have none, which saves a query."""
    return searched_words(form_rows(new.request_type), new.answers) if new.answers and new.request_type else ""


def _numbers(desks: Sequence[Desk]) -> list[int]:
    """Take the next number for each of these desks, in order."""
    last: dict[int, int] = {}
    keys = {desk.pk: desk.key for desk in desks}
    # Always in the same order, so that two transactions that open tickets at several desks cannot deadlock.
    for pk, count in sorted(Counter(desk.pk for desk in desks).items()):
        last[pk] = take_numbers(pk, keys[pk], count) - count
    numbers = []
    for desk in desks:
        last[desk.pk] += 1
        numbers.append(last[desk.pk])
    return numbers


def _one_line(subject: str) -> str:
    """Return the subject as one line without control and bidirectional-formatting characters.

    Joiners and zero-width characters that letters may need stay. An empty subject gets a placeholder, because lists
    need something to click.
    """
    line = _TURNING.sub("", "".join(" " if unicodedata.category(c) in _PARTING else c for c in subject))
    line = " ".join(line.split())[:SUBJECT_LENGTH]
    return line if any(map(str.isprintable, line.replace(" ", ""))) else "(без темы)"
