"""`choose_primary` sets the primary address."""

from allauth.account.models import EmailAddress

from otklik.people.commands.addresses import choose_primary
from otklik.people.models import Person
from tests.acting import by, locks, refuses, tells
from tests.cast import Cast
from tests.people.test_own_addresses import HOME


def test_a_proved_address_becomes_the_main_one(cast: Cast) -> None:
    EmailAddress.objects.create(user=cast.anna, email=HOME, verified=True)
    with locks(Person), tells("person.primary_address_changed"):
        assert choose_primary(**by(cast.anna), person=cast.anna, address=HOME) == "anna@clinic.test"
    cast.anna.refresh_from_db()
    assert cast.anna.email == HOME
    assert EmailAddress.objects.get(user=cast.anna, primary=True).email == HOME


def test_an_unproved_one_another_persons_and_the_present_one_do_not(cast: Cast) -> None:
    EmailAddress.objects.create(user=cast.anna, email=HOME, verified=False)
    for address in (HOME, "boris@clinic.test", "anna@clinic.test"):
        with refuses("person.not_for_main_address"):
            choose_primary(**by(cast.anna), person=cast.anna, address=address)
