"""`mark_proved` marks the main address as proven."""

from datetime import timedelta

from allauth.account.models import EmailAddress

from otklik.people.commands.organizations import add_organization
from otklik.people.commands.persons import ensure_person, mark_proved
from tests.acting import LATER, by
from tests.cast import START, Cast


def test_the_first_proof_counts_and_the_domain_opens_its_organisation(cast: Cast) -> None:
    row = add_organization(**by(cast.admin), name="Клиника", domains=["clinic.test"])
    person = ensure_person(address="vera@clinic.test", name="Вера", at=START)[0]
    for at in (LATER, LATER + timedelta(days=1)):
        mark_proved(person=person, at=at)
    assert person.activated_at == LATER and EmailAddress.objects.get(user=person).verified
    assert row.members.filter(pk=person.pk).count() == 1
