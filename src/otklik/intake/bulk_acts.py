"""Bulk acts on tickets that concern their mails, such as marking them as spam."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from otklik.core.errors import UnableTo
from otklik.intake.commands.base import UnableToAct
from otklik.intake.commands.spam import mark_spam, unmark_spam
from otklik.intake.refusals import IntakeRefusal
from otklik.journal.events import TypedEvent
from otklik.mail.models import InboundMail
from otklik.people.actor import Actor
from otklik.tickets.bulk.acts import Act
from otklik.tickets.commands.base import UnableToChange
from otklik.tickets.commands.inbound_placement import not_alone
from otklik.tickets.models import Message, Ticket
from otklik.tickets.refusals import TicketRefusal


@dataclass(frozen=True)
class Spam(Act):
    """Mark the mails that opened the tickets as spam and close the tickets quietly."""

    kind = "spam"

    def _refusal(self, actor: Actor, ticket: Ticket) -> UnableTo | None:
        return self._refusals(actor, [ticket])[ticket.pk]

    def _refusals(self, actor: Actor, tickets: Sequence[Ticket]) -> dict[int, UnableTo | None]:
        opening = Message.objects.filter(ticket__in=tickets, opening=True, inbound__isnull=False)
        fates = dict(opening.values_list("ticket", "inbound__fate"))
        alone = {ticket.pk for ticket in tickets} - not_alone([*fates])
        return {ticket.pk: _refused(fates.get(ticket.pk), is_alone=ticket.pk in alone) for ticket in tickets}

    def apply(self, actor: Actor, ticket: Ticket) -> TypedEvent | None:
        return None

    def do(self, actor: Actor, at: datetime, ticket: Ticket) -> Mapping[str, Any]:
        message = _opening(ticket)
        if message is None or message.inbound is None:
            raise UnableToAct(IntakeRefusal.NOT_BY_MAIL)
        mark_spam(actor=actor, at=at, mail=message.inbound)
        return {"mail": message.inbound.pk}

    def undo(self, actor: Actor, at: datetime, ticket: Ticket, before: Mapping[str, Any]) -> None:
        unmark_spam(actor=actor, at=at, mail=InboundMail.objects.get(pk=before["mail"]))


def _opening(ticket: Ticket) -> Message | None:
    return Message.objects.filter(ticket=ticket, opening=True).select_related("inbound").first()


def _refused(fate: str | None, *, is_alone: bool) -> UnableTo | None:
    """Return why the ticket cannot be marked. `fate`: the outcome of the mail that opened it."""
    if fate is None:
        return UnableToAct(IntakeRefusal.NOT_BY_MAIL)
    if fate == InboundMail.Fate.SPAM:
        return UnableToAct(IntakeRefusal.SPAM_ALREADY)
    return None if is_alone else UnableToChange(TicketRefusal.OTHERS_HAVE_WRITTEN)
