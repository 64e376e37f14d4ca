"""Limits on mail to people unknown to the desk, and whose budget it is charged to (ADR 50, rule R9).

A customer's words and files reach such a person only after they opened a link or answered; what an agent decides
is not questioned.
"""

from dataclasses import dataclass

from otklik.core.batch_cache import remembered
from otklik.notify.event_context import EventContext, Recipient
from otklik.people.models import Person
from otklik.tickets.access import is_agent_of
from otklik.tickets.events import ApprovalEvent
from otklik.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Terms:
    """Restrictions on a mail to somebody never heard from.

    `causer`: id of the customer who causes it, None if nobody does or the recipient was heard from. `hide`: leave out
    all text, names and files that a customer chose.
    """

    causer: int | None = None
    hide: bool = False


def terms_of(context: EventContext, recipient: Recipient) -> Terms:
    """Return the restrictions for this event's mail to this recipient."""
    person, participant = recipient.person, recipient.participant
    if person.is_heard:
        return Terms()
    causer = _causer(context, person)
    if participant is None or participant.by_desk:
        return Terms(causer)
    is_own = participant.person_id == context.ticket.requester_id and participant.added_by_id is None
    return Terms(causer, hide=causer is not None or not is_own)


def _causer(context: EventContext, person: Person) -> int | None:
    """Return the customer who caused the event; for automatic approvals, the requester."""
    who = context.event.actor_id
    if who is None and isinstance(context.event.typed, ApprovalEvent):
        who = context.ticket.requester_id
    if context.said_by_staff and context.message is not None and context.message.author_id == who:
        return None
    return who if who not in (None, person.pk) and not _works_at(who, context.ticket) else None


def _works_at(person_id: int | None, ticket: Ticket) -> bool:
    return _staff(person_id, ticket.desk_id) if person_id is not None else False


@remembered
def _staff(person_id: int, desk_id: int) -> bool:
    person = Person.objects.filter(pk=person_id).first()
    return person is not None and is_agent_of(person, Ticket(desk_id=desk_id))
