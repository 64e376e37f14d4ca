"""`reset_password` sets a new password by the mailed link."""

from allauth.account.models import EmailAddress

from otklik.people.commands.persons import ensure_person
from otklik.people.commands.profile import reset_password
from otklik.people.models import Person
from tests.acting import LATER, tells
from tests.cast import START


def test_the_link_proves_the_address_too(db: None) -> None:
    person = ensure_person(address="vera@clinic.test", name="Вера", at=START)[0]
    with tells("person.password_reset"):
        reset_password(person=person, at=LATER, password="новая длинная сирень")
    row = Person.objects.get(pk=person.pk)
    assert row.check_password("новая длинная сирень") and row.activated_at == LATER
    assert EmailAddress.objects.get(user=row).verified
