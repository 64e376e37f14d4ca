"""`add_organization` adds an organization."""

from otklik.people.commands.organizations import add_organization
from otklik.people.commands.persons import ensure_person
from otklik.people.models import Organization, OrganizationMember
from tests.acting import LATER, by, refuses, tells
from tests.cast import START, Cast


def test_who_has_proved_an_address_of_its_domains_belongs_to_it(cast: Cast) -> None:
    ensure_person(address="new@clinic.test", name="x", at=START)
    with tells("organization.added"):
        row = add_organization(**by(cast.admin), name="  Клиника ", domains=["@Clinic.test", "clinic.test"])
    assert (row.name, row.domains) == ("Клиника", ["clinic.test"])
    assert set(row.members.all()) == {cast.anna, cast.boris}


def test_taken_names_domains_and_free_mail_are_refused(cast: Cast) -> None:
    add_organization(**by(cast.admin), name="Клиника", domains=["clinic.test"])
    for name, domains in (("Клиника", []), (" ", []), ("Другая", ["clinic.test"]), ("Другая", ["mail.ru"])):
        with refuses("person.organization_name", "person.domain_taken", "person.domain_public"):
            add_organization(**by(cast.admin), name=name, domains=domains)
    assert Organization.objects.count() == 1


def test_whoever_belongs_to_it_does_so_from_now_on(cast: Cast) -> None:
    row = add_organization(**by(cast.admin), name="Клиника", domains=["clinic.test"])
    assert set(OrganizationMember.objects.filter(organization=row).values_list("joined_at", flat=True)) == {LATER}
