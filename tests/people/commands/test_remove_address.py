"""`remove_address` removes an address."""

from allauth.account.models import EmailAddress

from otklik.people.commands.addresses import ask_for_address, remove_address
from otklik.people.models import AccountToken, Person
from tests.acting import LATER, by, locks, refuses, tells
from tests.cast import Cast
from tests.people.test_own_addresses import HOME


def test_an_own_address_goes_with_an_event_and_a_waiting_one_without(cast: Cast) -> None:
    EmailAddress.objects.create(user=cast.anna, email=HOME, verified=True)
    ask_for_address(person=cast.anna, address="anna@work.test", at=LATER)
    with locks(Person), tells("person.address_removed"):
        assert remove_address(**by(cast.anna), person=cast.anna, address=HOME)
        assert not remove_address(**by(cast.anna), person=cast.anna, address="anna@work.test")
    assert not AccountToken.objects.exists()


def test_the_main_address_and_other_peoples_stay(cast: Cast) -> None:
    for address in ("anna@clinic.test", "boris@clinic.test"):
        with refuses("person.main_address_stays"):
            remove_address(**by(cast.anna), person=cast.anna, address=address)


def test_another_persons_further_address_and_link_stay(cast: Cast) -> None:
    EmailAddress.objects.create(user=cast.boris, email=HOME, verified=True)
    with refuses("person.main_address_stays"):
        remove_address(**by(cast.anna), person=cast.anna, address=HOME)
    for person in (cast.anna, cast.boris):
        ask_for_address(person=person, address="both@work.test", at=LATER)
    remove_address(**by(cast.anna), person=cast.anna, address="both@work.test")
    assert AccountToken.objects.get().person == cast.boris
    assert EmailAddress.objects.get(email=HOME).user == cast.boris
