"""The first address of somebody who phoned."""

from allauth.account.models import EmailAddress

from otklik.people.commands.persons import UnableToAddPerson, add_caller, give_address
from tests.acting import by, refuses, tells
from tests.cast import START, Cast


def test_a_caller_gets_an_address_once(cast: Cast) -> None:
    caller = add_caller(name="Вера", at=START)
    with tells("person.address_given"):
        give_address(**by(cast.agent), person=caller, address="Vera@clinic.test")
    caller.refresh_from_db()
    assert caller.email == "vera@clinic.test" and not EmailAddress.objects.get(user=caller).verified
    with refuses(UnableToAddPerson):
        give_address(**by(cast.agent), person=caller, address="vera@home.test")


def test_another_persons_address_is_not_given(cast: Cast) -> None:
    with refuses(UnableToAddPerson):
        give_address(**by(cast.agent), person=add_caller(name="Вера", at=START), address="anna@clinic.test")
