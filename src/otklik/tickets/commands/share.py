"""Share a ticket with somebody known only by mail address."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from otklik.desks.queries import own_addresses
from otklik.people.actor import Actor
from otklik.people.addresses import canonical
from otklik.people.commands.persons import ensure_person
from otklik.tickets.commands.base import UnableToChange, locked, require_involved
from otklik.tickets.commands.fields import add_participant
from otklik.tickets.models import Participant, Ticket

MOST_PEOPLE = 30


def share_with_address(*, actor: Actor, at: datetime, ticket: Ticket, address: str) -> bool:
    """Make the person with this address a participant, and a person if new; returns whether that changed anything.

    They see what is said from now on (AB-01). Raises BadAddress, and UnableToChange for people not on the ticket or
    when MOST_PEOPLE are on it already, so that nobody mails half a city through a desk, or for a desk's own address.
    """
    with transaction.atomic():
        row = locked(ticket)
        require_involved(actor, row)
        if Participant.objects.filter(ticket=row, removed_at=None).count() >= MOST_PEOPLE:
            raise UnableToChange(_("Too many people are on the request already."))
        if canonical(address) in own_addresses():
            raise UnableToChange(_("This is the address of a desk."))
        person, _made = ensure_person(address=address, name="", at=at)
        return add_participant(actor=actor, at=at, ticket=row, person=person)
