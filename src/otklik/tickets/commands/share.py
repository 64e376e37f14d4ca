"""Share a ticket: with somebody known only by mail address, with an acquaintance, with an organisation."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from otklik.desks.queries import own_addresses
from otklik.people.actor import Actor
from otklik.people.addresses import canonical
from otklik.people.commands.persons import ensure_person
from otklik.people.models import Organization, Person
from otklik.tickets.acquaintances import acquaintances, shareable_organizations
from otklik.tickets.commands.base import UnableToChange, locked, require_agent, require_involved, tell, touch
from otklik.tickets.commands.fields import add_participant
from otklik.tickets.models import Participant, SharedOrganization, Ticket

MOST_PEOPLE = 30


def share_with_address(*, actor: Actor, at: datetime, ticket: Ticket, address: str) -> bool:
    """Make the person with this address a participant, and a person if new; returns whether that changed anything.

    They see what is said from now on (AB-01). Raises BadAddress, and UnableToChange for people not on the ticket or
    when MOST_PEOPLE are on it already, so that nobody mails half a city through a desk, or for a desk's own address.
    """
    with transaction.atomic():
        row = locked(ticket)
        require_involved(actor, row)
        _require_room(row)
        if canonical(address) in own_addresses():
            raise UnableToChange(_("This is the address of a desk."))
        person, _made = ensure_person(address=address, name="", at=at)
        return add_participant(actor=actor, at=at, ticket=row, person=person)


def share_with_person(*, actor: Actor, at: datetime, ticket: Ticket, person: Person) -> bool:
    """As `share_with_address`, for somebody found by name: an acquaintance of the actor, nobody else."""
    with transaction.atomic():
        row = locked(ticket)
        require_involved(actor, row)
        _require_room(row)
        if actor.person is None or not acquaintances(actor.person).filter(pk=person.pk).exists():
            raise UnableToChange(_("Share by the whole mail address, please."))
        return add_participant(actor=actor, at=at, ticket=row, person=person)


def share_with_organization(*, actor: Actor, at: datetime, ticket: Ticket, organization: Organization) -> None:
    """Let all members of the requester's own organisation see the whole request and write on it.

    Only the requester does that, for the conversation is theirs; nobody is mailed. Raises UnableToChange.
    """
    with transaction.atomic():
        row = locked(ticket)
        if actor.person is None or not shareable_organizations(actor.person, row).filter(pk=organization.pk).exists():
            raise UnableToChange(_("A request can be shared with an organisation of its requester only, by them."))
        SharedOrganization.objects.create(ticket=row, organization=organization, added_by=actor.person, added_at=at)
        touch(row, at)
        tell(row, "ticket.organization_added", actor, at, organization=organization.pk, name=organization.name)


def unshare_organization(*, actor: Actor, at: datetime, ticket: Ticket, organization: Organization) -> None:
    """Take the organisation off again: the requester or the staff. Members who wrote there stay on it themselves."""
    with transaction.atomic():
        row = locked(ticket)
        if actor.person is None or actor.person.pk != row.requester_id:
            require_agent(actor, row)
        gone, _counts = SharedOrganization.objects.filter(ticket=row, organization=organization).delete()
        if gone:
            touch(row, at)
            tell(row, "ticket.organization_removed", actor, at, organization=organization.pk, name=organization.name)


def _require_room(ticket: Ticket) -> None:
    if Participant.objects.filter(ticket=ticket, removed_at=None).count() >= MOST_PEOPLE:
        raise UnableToChange(_("Too many people are on the request already."))
