"""Share a ticket: with somebody known only by mail address, with an acquaintance, with an organisation."""

from datetime import datetime

from django.db import transaction

from otklik.desks.queries import own_addresses
from otklik.people.actor import Actor
from otklik.people.addresses import canonical
from otklik.people.commands.persons import ensure_person
from otklik.people.models import Organization, Person
from otklik.tickets.access import is_agent_of, is_participant
from otklik.tickets.commands.base import UnableToChange, locked, require_agent, require_involved, tell, touch
from otklik.tickets.commands.fields import add_participant
from otklik.tickets.events import OrganizationAdded, OrganizationRemoved
from otklik.tickets.known_people import acquaintances, shareable_organizations
from otklik.tickets.models import Participant, SharedOrganization, Ticket
from otklik.tickets.newcomer_limit import are_newcomers, newcomers_left
from otklik.tickets.refusals import TicketRefusal

MOST_PEOPLE = 30


def share_with_address(
    *, actor: Actor, at: datetime, ticket: Ticket, address: str, history: bool = False, with_reply: bool = False
) -> bool:
    """Add the person with this address as a participant; return whether that changed anything.

    Creates the person if unknown. `with_reply`: as of ParticipantAdded. They see messages from now on (AB-01); with
    `history`, which only the requester and the staff may give, all of them. Raises BadAddress, and UnableToChange: not
    on the ticket, MOST_PEOPLE on it already, the actor's daily limit of newcomers, an address of a desk, an inactive
    person.
    """
    with transaction.atomic():
        ticket = locked(ticket)
        require_involved(actor, ticket)
        _require_room(ticket)
        if canonical(address) in own_addresses():
            raise UnableToChange(TicketRefusal.DESK_ADDRESS)
        person, _made = ensure_person(address=address, name="", at=at)
        return _share(actor, at, ticket, person, history, with_reply=with_reply)


def share_with_person(*, actor: Actor, at: datetime, ticket: Ticket, person: Person, history: bool = False) -> bool:
    """Like `share_with_address`, for somebody found by name, who must be an acquaintance of the actor."""
    with transaction.atomic():
        ticket = locked(ticket)
        require_involved(actor, ticket)
        _require_room(ticket)
        if actor.person is None or not acquaintances(actor.person).filter(pk=person.pk).exists():
            raise UnableToChange(TicketRefusal.ADDRESS_INCOMPLETE)
        return _share(actor, at, ticket, person, history)


def share_with_organization(*, actor: Actor, at: datetime, ticket: Ticket, organization: Organization) -> None:
    """Let all members of an organization of the requester see the whole ticket and write on it.

    Only the requester may do that. Mails nobody. Raises UnableToChange.
    """
    with transaction.atomic():
        ticket = locked(ticket)
        if actor.person is None or organization not in shareable_organizations(actor.person, ticket):
            raise UnableToChange(TicketRefusal.ORGANIZATION_NOT_OF_REQUESTER)
        SharedOrganization.objects.create(ticket=ticket, organization=organization, added_by=actor.person, added_at=at)
        touch(ticket, at)
        tell(ticket, OrganizationAdded(organization=organization.pk, name=organization.name), actor, at)


def unshare_organization(*, actor: Actor, at: datetime, ticket: Ticket, organization: Organization) -> None:
    """Stop sharing with the organization, as requester or staff. Members who wrote there stay participants."""
    with transaction.atomic():
        ticket = locked(ticket)
        require_involved(actor, ticket)
        if actor.person is None or actor.person.pk != ticket.requester_id:
            require_agent(actor, ticket)
        gone, _counts = SharedOrganization.objects.filter(ticket=ticket, organization=organization).delete()
        if gone:
            touch(ticket, at)
            tell(ticket, OrganizationRemoved(organization=organization.pk, name=organization.name), actor, at)


def may_show_history(person: Person, ticket: Ticket) -> bool:
    """Return whether this person may show others the whole ticket: the requester and the staff."""
    return ticket.requester_id == person.pk or is_agent_of(person, ticket)


def _share(
    actor: Actor, at: datetime, ticket: Ticket, person: Person, history: bool, *, with_reply: bool = False
) -> bool:
    if history and not (actor.is_system or (actor.person is not None and may_show_history(actor.person, ticket))):
        raise UnableToChange(TicketRefusal.REQUESTER_ONLY)
    if is_participant(person, ticket):
        return False
    left = newcomers_left(actor.person, ticket, at)
    if left is not None and are_newcomers([person], actor.person, at) and left < 1:
        raise UnableToChange(TicketRefusal.TOO_MANY_NEW_PEOPLE)
    return add_participant(actor=actor, at=at, ticket=ticket, person=person, sees_all=history, with_reply=with_reply)


def _require_room(ticket: Ticket) -> None:
    if Participant.objects.filter(ticket=ticket, removed_at=None).count() >= MOST_PEOPLE:
        raise UnableToChange(TicketRefusal.TOO_MANY_PEOPLE)
