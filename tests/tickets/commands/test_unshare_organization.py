"""`unshare_organization` stops sharing a ticket with an organization."""

from otklik.people.models import Organization
from otklik.tickets.commands.share import share_with_organization, unshare_organization
from tests.acting import by, refuses, tells
from tests.cast import Cast


def test_the_requester_takes_it_off_once_and_others_do_not(cast: Cast) -> None:
    made = Organization.objects.create(name="Клиника", domains=[])
    made.members.add(cast.anna)
    share_with_organization(**by(cast.anna), ticket=cast.ticket, organization=made)
    with refuses("ticket.staff_only"):
        unshare_organization(**by(cast.boris), ticket=cast.ticket, organization=made)
    with tells("ticket.organization_removed"):
        for _ in range(2):
            unshare_organization(**by(cast.anna), ticket=cast.ticket, organization=made)
    assert not cast.ticket.shared_organizations.exists()


def test_the_staff_takes_one_off_and_another_one_stays(cast: Cast) -> None:
    made, kept = (Organization.objects.create(name=name, domains=[]) for name in ("Клиника", "Больница"))
    for organization in (made, kept):
        organization.members.add(cast.anna)
        share_with_organization(**by(cast.anna), ticket=cast.ticket, organization=organization)
    with tells("ticket.organization_removed"):
        unshare_organization(**by(cast.agent), ticket=cast.ticket, organization=made)
    assert cast.ticket.shared_organizations.get().organization == kept
