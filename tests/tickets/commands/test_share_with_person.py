"""`share_with_person` adds a known person as participant."""

from otklik.people.actor import Actor
from otklik.people.models import Organization
from otklik.tickets.commands.fields import remove_participant
from otklik.tickets.commands.share import share_with_address, share_with_person
from otklik.tickets.models import Participant
from tests.acting import by, refuses
from tests.cast import START, Cast, person
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


def test_nobody_shares_a_request_that_is_not_theirs_nor_shows_what_was_said_before(cast: Cast) -> None:
    made = Organization.objects.create(name="Клиника", domains=[])
    made.members.add(cast.anna, cast.boris, cast.stranger, cast.agent_elsewhere)
    for who, history in ((cast.stranger, False), (cast.boris, True)):
        with refuses("ticket.participants_only", "ticket.requester_only"):
            share_with_person(**by(who), ticket=cast.ticket, person=cast.agent_elsewhere, history=history)


def test_thirty_people_are_on_a_request_and_no_more(cast: Cast) -> None:
    made = Organization.objects.create(name="Клиника", domains=[])
    made.members.add(cast.anna, cast.stranger)
    on_it = Participant.objects.filter(ticket=cast.ticket)
    for number in range(30 - on_it.count()):
        someone = person(f"P{number}", f"p{number}@clinic.test")
        Participant.objects.create(ticket=cast.ticket, person=someone, added_at=START)
    for share in (
        lambda: share_with_person(**by(cast.anna), ticket=cast.ticket, person=cast.stranger),
        lambda: share_with_address(**by(cast.anna), ticket=cast.ticket, address="vera@clinic.test"),
    ):
        with refused_as("ticket.too_many_people"):
            share()
    remove_participant(**by(cast.agent), ticket=cast.ticket, person=someone)
    assert share_with_person(**by(cast.anna), ticket=cast.ticket, person=cast.stranger)
