"""State shared while the mails of several events are planned together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from otklik.core.locks import lock_words
from otklik.mail.models import OutboundMail
from otklik.notify.event_context import EventContext
from otklik.notify.mail_budget import Spent
from otklik.tickets.events import TicketOpened


@dataclass(frozen=True, slots=True)
class Planning:
    """State shared while several events are planned: spent budgets, and ids of people invited to an account."""

    at: datetime
    spent: Spent
    invited: set[int]


def planning_for(contexts: Sequence[EventContext], at: datetime) -> Planning:
    """Load the state for these contexts, with a fixed number of statements."""
    # Otherwise two workers could both invite a newcomer, and the second would fail (`cause` is unique).
    lock_words(f"invitation of {pk}" for pk in sorted(_newcomers(contexts)))
    asked = {pk for context in contexts if (pk := context.ticket.requester_id)}
    planned = OutboundMail.objects.filter(person_id__in=asked, kind="activation").values_list("person_id", flat=True)
    spent = Spent(at)
    spent.read(
        {
            participant.person.email
            for context in contexts
            for participant in context.participants
            if participant.person.email
        }
    )
    return Planning(at, spent, {pk for pk in planned if pk is not None} if asked else set())


def _newcomers(contexts: Sequence[EventContext]) -> set[int]:
    opened = [context.ticket for context in contexts if isinstance(context.event.typed, TicketOpened)]
    by_mail = [ticket.requester for ticket in opened if ticket.channel == "mail" and ticket.requester is not None]
    return {person.pk for person in by_mail if person.activated_at is None}
