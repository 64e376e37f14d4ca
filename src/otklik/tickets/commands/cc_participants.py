"""People whom a mail names in To and Cc: who may adds them, for everybody else an agent decides (AB-01, AB-20)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from otklik.core.due_times import lately
from otklik.core.locks import lock
from otklik.mail.models import InboundMail
from otklik.people.actor import Actor
from otklik.people.commands.persons import ensure_person
from otklik.people.models import Person
from otklik.people.queries import persons_by_addresses
from otklik.tickets.access import is_agent_of
from otklik.tickets.commands.base import UnableToChange, locked, require_agent, require_involved, tell, touch
from otklik.tickets.commands.share import MOST_PEOPLE, share_with_address
from otklik.tickets.events import Joined, NewcomersLeft, ParticipantsAdded
from otklik.tickets.models import Message, Participant, Ticket
from otklik.tickets.newcomer_limit import are_newcomers, newcomers_left
from otklik.tickets.refusals import TicketRefusal

MOST_PER_MAIL = 10
"""A mail that names more adds nobody automatically: it is a circular, or an attack."""

MOST_PER_DAY = 30
"""How many people one person may add by mail within 24 hours, on all requests together."""

MOST_ASKED = 20
"""How many addresses a message shows to the staff as "asked to add"."""

Named = tuple[str, str]
"""(canonical address, name as the mail gives it)"""


def add_copied(*, actor: Actor, at: datetime, ticket: Ticket, mail: InboundMail, named: Sequence[Named]) -> list[Named]:
    """Make people named in the actor's mail participants; return those who were not added.

    New participants see this mail and later messages. Left to an agent: people who were removed before, inactive
    people, newcomers beyond the actor's daily limit (tickets.newcomer_limit), and everybody if another limit would be
    exceeded. Records one event for all who join, and one for those left out. Raises UnableToChange if the actor is not
    on the ticket.
    """
    with transaction.atomic():
        ticket = locked(ticket)
        require_involved(actor, ticket)
        fresh = not_on_it(ticket, named)
        if not fresh:
            return fresh
        over = list(fresh) if not _has_room(ticket, actor, len(fresh), at) else _too_new(ticket, actor, fresh, at)
        if over:
            left = tuple(address for address, _name in over)[:MOST_ASKED]
            tell(ticket, NewcomersLeft(addresses=left, mail=mail.pk), actor, at)
        joined = _joined(ticket, actor, at, mail, [person for person in fresh if person not in over])
        if joined:
            touch(ticket, at)
            people = tuple(Joined(person=person.pk, name=person.display_name) for person in joined.values())
            tell(ticket, ParticipantsAdded(people=people, mail=mail.pk), actor, at)
    return [person for person in fresh if person[0] not in joined]


def not_on_it(ticket: Ticket, named: Sequence[Named]) -> list[Named]:
    """Return those named who are not on the ticket under any of their addresses."""
    known = persons_by_addresses(address for address, _name in named)
    here = Participant.objects.filter(ticket=ticket, removed_at=None, person__in=known.values())
    on_it = set(here.values_list("person_id", flat=True))
    return [named_pair for named_pair in named if named_pair[0] not in known or known[named_pair[0]].pk not in on_it]


def note_asked(*, message: Message, named: Sequence[Named]) -> None:
    """Store which addresses the message's mail asks to add, for the staff to decide. Adds nobody."""
    asked = [address for address, _name in named][:MOST_ASKED]
    Message.objects.filter(pk=message.pk).update(asked=asked)


def answer_asked(*, actor: Actor, at: datetime, message: Message, address: str) -> bool:
    """Add an address that the message's mail names, or dismiss all of them (""); return whether somebody joined.

    For the desk's staff. Raises UnableToChange: not staff, an address the mail does not name, too many people.
    """
    with transaction.atomic():
        ticket = locked(message.ticket)
        require_agent(actor, ticket)
        asked = list(lock(Message, message.pk).asked)
        if address and address not in asked:
            raise UnableToChange(TicketRefusal.ADDRESS_NOT_IN_MAIL)
        left = [other for other in asked if address and other != address]
        Message.objects.filter(pk=message.pk).update(asked=left)
        return bool(address) and share_with_address(actor=actor, at=at, ticket=ticket, address=address)


def _has_room(ticket: Ticket, actor: Actor, more: int, at: datetime) -> bool:
    on_it = Participant.objects.filter(ticket=ticket, removed_at=None).count()
    today = Participant.objects.filter(lately("added_at", at, timedelta(days=1)), added_by=actor.person)
    by_mail = today.exclude(named_in=None).count()
    return more <= MOST_PER_MAIL and on_it + more <= MOST_PEOPLE and by_mail + more <= MOST_PER_DAY


def _too_new(ticket: Ticket, actor: Actor, named: Sequence[Named], at: datetime) -> list[Named]:
    """Return those named who are newcomers beyond the actor's limit for today."""
    left = newcomers_left(actor.person, ticket, at)
    if left is None:
        return []
    known = persons_by_addresses(address for address, _name in named)
    counting = are_newcomers(known.values(), actor.person, at)
    new = [named_pair for named_pair in named if named_pair[0] not in known or known[named_pair[0]].pk in counting]
    return new[left:]


def _joined(ticket: Ticket, actor: Actor, at: datetime, mail: InboundMail, named: Sequence[Named]) -> dict[str, Person]:
    """Add those named who were never on the ticket and are active; return them by address."""
    people = {address: ensure_person(address=address, name=name, at=at)[0] for address, name in named}
    before = Participant.objects.filter(ticket=ticket, person__in=people.values())
    were_on_it = set(before.values_list("person_id", flat=True))
    new = {address: person for address, person in people.items() if person.is_active and person.pk not in were_on_it}
    by_desk = bool(new) and actor.person is not None and is_agent_of(actor.person, ticket)
    Participant.objects.bulk_create(
        Participant(
            ticket=ticket,
            person=person,
            added_at=at,
            sees_from=at,
            added_by=actor.person,
            by_desk=by_desk,
            named_in=mail,
        )
        for person in {person.pk: person for person in new.values()}.values()
    )
    return new
