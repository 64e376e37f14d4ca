"""`ensure_person` returns or creates the person of an address."""

from allauth.account.models import EmailAddress

from otklik.people.commands.persons import ensure_person
from tests.acting import LATER


def test_a_person_is_made_once_and_keeps_the_name(db: None) -> None:
    first, made = ensure_person(address="Vera@Clinic.test", name=" Вера  Иванова ", at=LATER, language="en")
    again, anew = ensure_person(address="vera@clinic.test", name="Самозванка", at=LATER)
    assert (again, made, anew) == (first, True, False)
    assert (again.email, again.name, again.language) == ("vera@clinic.test", "Вера Иванова", "en")
    assert not again.has_usable_password() and not EmailAddress.objects.get(user=again).verified


def test_who_has_no_name_is_called_by_the_address(db: None) -> None:
    assert ensure_person(address="vera@clinic.test", name=" ", at=LATER)[0].name == "vera"
