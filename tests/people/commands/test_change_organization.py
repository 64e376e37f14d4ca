"""`change_organization` changes an organization."""

from otklik.people.actor import system
from otklik.people.commands.organizations import add_organization, change_organization
from otklik.people.models import Organization
from tests.acting import by, locks, tells
from tests.cast import START, Cast
from tests.people.test_organizations import made
from tests.refusing import refused_as


def test_names_are_unique_and_rules_can_change(cast: Cast) -> None:
    clinic = made()
    with refused_as("person.organization_name"):
        made(" Клиника ")
    with refused_as("person.organization_name"):
        made("  ")
    actor = system("cli")
    row = change_organization(
        actor=actor, at=START, organization=clinic, name="Больница", domains=["a.example"], open_inside=True
    )
    assert (row.name, row.domains, row.open_inside) == ("Больница", ["a.example"], True)


def test_members_stay_when_a_domain_goes(cast: Cast) -> None:
    row = add_organization(**by(cast.admin), name="Клиника", domains=["clinic.test"])
    with locks(Organization), tells("organization.changed"):
        row = change_organization(**by(cast.admin), organization=row, name="Больница", domains=[], open_inside=True)
    assert (row.name, row.domains, row.open_inside, row.members.count()) == ("Больница", [], True, 2)


def test_a_further_domain_gathers_who_has_proved_an_address_of_it(cast: Cast) -> None:
    row = add_organization(**by(cast.admin), name="Клиника", domains=["none.test"])
    assert not row.members.exists()
    change_organization(**by(cast.admin), organization=row, name="Клиника", domains=["clinic.test"], open_inside=False)
    assert set(row.members.all()) == {cast.anna, cast.boris}
