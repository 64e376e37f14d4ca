"""Somebody known is brought in by name."""

from otklik.people.actor import Actor
from otklik.people.models import Organization
from otklik.tickets.commands.share import share_with_person
from otklik.tickets.models import Participant
from tests.cast import START, Cast
from tests.refusing import refused_as


def test_only_acquaintances_are_shared_with_by_name(cast: Cast) -> None:
    for who in (cast.stranger, cast.agent_elsewhere):
        with refused_as("ticket.address_incomplete"):
            share_with_person(actor=Actor(cast.anna, "portal"), at=START, ticket=cast.ticket, person=who)
    made = Organization.objects.create(name="Клиника", domains=[])
    made.members.add(cast.anna, cast.stranger)
    share_with_person(actor=Actor(cast.anna, "portal"), at=START, ticket=cast.ticket, person=cast.stranger)
    row = Participant.objects.get(ticket=cast.ticket, person=cast.stranger)
    assert (row.sees_from, row.added_by) == (START, cast.anna)
