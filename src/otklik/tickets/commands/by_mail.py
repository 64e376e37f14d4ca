"""Acts that a customer asked for by a word in a mail; the mail itself always stays on the ticket as their words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from otklik.mail.models import InboundMail
from otklik.people.actor import Actor
from otklik.tickets.commands.base import UnableToChange, locked, require_involved, write_message
from otklik.tickets.commands.rate import rate
from otklik.tickets.commands.status import change_status, customer_transitions
from otklik.tickets.content import NewFile, Words, harmless
from otklik.tickets.models import Message, Rating, Ticket
from otklik.tickets.new_files import searched_files
from otklik.tickets.refusals import TicketRefusal


@dataclass(frozen=True, slots=True)
class Mailed:
    """The mail that asked for the action, as it is stored on the ticket."""

    words: Words
    files: Sequence[NewFile]
    inbound: InboundMail
    why: str


def close_by_mail(*, actor: Actor, at: datetime, ticket: Ticket, mailed: Mailed) -> Ticket:
    """Close by the customers' transition, with the mail's text, as one step. Raises UnableToChange."""
    words, files = harmless(mailed.words), searched_files(mailed.files)
    with transaction.atomic():
        ticket = locked(ticket)
        closing = next((transition for transition in customer_transitions(ticket) if transition.target.is_done), None)
        if closing is None:
            raise UnableToChange(TicketRefusal.NOT_CLOSABLE)
        return change_status(
            actor=actor,
            at=at,
            ticket=ticket,
            transition=closing,
            words=words,
            files=files,
            inbound=mailed.inbound,
            why=mailed.why,
            as_customer=True,
        )


def rate_by_mail(*, actor: Actor, at: datetime, ticket: Ticket, score: int, words: str, mailed: Mailed) -> Rating:
    """Rate the ticket and store the mail on it, without reopening it or mailing anybody. Raises UnableToChange."""
    content, files = harmless(mailed.words), searched_files(mailed.files)
    with transaction.atomic():
        ticket = locked(ticket)
        require_involved(actor, ticket)
        write_message(
            ticket,
            at,
            content,
            kind=Message.Kind.PUBLIC,
            files=files,
            author=actor.person,
            inbound=mailed.inbound,
            why=mailed.why,
        )
        return rate(actor=actor, at=at, ticket=ticket, score=score, words=words)
