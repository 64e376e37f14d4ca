"""`share_with_organization` shares a ticket with an organization."""

from otklik.people.models import Organization
from otklik.tickets.commands.share import share_with_organization
from tests.acting import by, refuses, tells
from tests.cast import Cast


def clinic(cast: Cast) -> Organization:
    made = Organization.objects.create(name="Клиника", domains=[])
    made.members.add(cast.anna)
    return made


def test_the_requester_shares_with_an_own_organisation_once(cast: Cast) -> None:
    made = clinic(cast)
    with tells("ticket.organization_added"):
        share_with_organization(**by(cast.anna), ticket=cast.ticket, organization=made)
    assert cast.ticket.shared_organizations.get().organization == made
    with refuses("ticket.organization_not_of_requester"):
        share_with_organization(**by(cast.anna), ticket=cast.ticket, organization=made)


def test_nobody_else_does_and_with_no_other_organisation(cast: Cast) -> None:
    made, other = clinic(cast), Organization.objects.create(name="Другая", domains=[])
    for who, organization in ((cast.boris, made), (cast.agent, made), (cast.anna, other)):
        with refuses("ticket.organization_not_of_requester"):
            share_with_organization(**by(who), ticket=cast.ticket, organization=organization)
