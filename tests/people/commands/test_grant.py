"""`grant` sets what only administrators decide about a person."""

from allauth.account.models import EmailAddress

from otklik.people.commands.persons import ensure_person, grant
from tests.acting import LATER
from tests.cast import PASSWORD, START


def test_what_is_not_named_stays_and_a_password_proves_the_address(db: None) -> None:
    person = ensure_person(address="vera@clinic.test", name="Вера", at=START)[0]
    row = grant(person=person, at=LATER, admin=True)
    assert (row.name, row.is_admin, row.activated_at) == ("Вера", True, None)
    row = grant(person=person, at=LATER, name="Вера Иванова", password=PASSWORD)
    assert (row.name, row.is_admin, row.activated_at) == ("Вера Иванова", True, LATER)
    assert row.check_password(PASSWORD) and EmailAddress.objects.get(user=row).verified
