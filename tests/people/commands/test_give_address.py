"""`give_address` gives a person who phoned their first address."""

from allauth.account.models import EmailAddress

from otklik.people.commands.persons import add_caller, give_address
from otklik.people.models import Person
from tests.acting import by, locks, refuses, tells
from tests.cast import START, Cast
from tests.refusing import refused_as


def test_a_caller_gets_an_address_once(cast: Cast) -> None:
    caller = add_caller(name="Вера", at=START)
    with locks(Person), tells("person.address_given"):
        give_address(**by(cast.agent), person=caller, address="Vera@clinic.test")
    caller.refresh_from_db()
    assert caller.email == "vera@clinic.test" and not EmailAddress.objects.get(user=caller).verified
    with refused_as("person.has_address"):
        give_address(**by(cast.agent), person=caller, address="vera@home.test")


def test_another_persons_address_is_not_given(cast: Cast) -> None:
    caller = add_caller(name="Вера", at=START)
    EmailAddress.objects.create(user=cast.boris, email="boris@home.test", verified=True)
    for address in ("anna@clinic.test", "boris@home.test"):
        with refuses("person.address_taken"):
            give_address(**by(cast.agent), person=caller, address=address)
    assert not EmailAddress.objects.filter(user=caller).exists()
