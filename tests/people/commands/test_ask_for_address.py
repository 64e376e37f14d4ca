"""`ask_for_address` requests a further address."""

from datetime import timedelta

from otklik.people.commands.account_activation import issue_activation
from otklik.people.commands.addresses import ask_for_address
from otklik.people.models import AccountToken
from otklik.people.tokens import digest_of
from tests.acting import LATER, refuses
from tests.cast import START, Cast
from tests.people.test_own_addresses import asked
from tests.refusing import refused_as


def test_what_others_wait_for_takes_no_room_of_mine_and_what_ran_out_none(cast: Cast) -> None:
    for number in range(9):
        asked(cast.boris, f"b{number}@home.test")
        asked(cast.anna, f"a{number}@home.test")
    with refused_as("person.too_many_addresses"):
        asked(cast.anna, "a9@home.test")
    assert ask_for_address(person=cast.anna, address="a9@home.test", at=START + timedelta(hours=25))[1]


def test_the_address_of_another_account_gets_no_secret(cast: Cast) -> None:
    assert ask_for_address(person=cast.anna, address="boris@clinic.test", at=LATER) == ("boris@clinic.test", "")
    email, secret = ask_for_address(person=cast.anna, address="Anna@Home.test", at=LATER)
    assert email == "anna@home.test" and AccountToken.objects.get().digest == digest_of(secret)


def test_an_own_address_and_too_many_are_refused(cast: Cast) -> None:
    with refuses("person.own_address_already"):
        ask_for_address(person=cast.anna, address="anna@clinic.test", at=LATER)
    for number in range(9):
        ask_for_address(person=cast.anna, address=f"a{number}@home.test", at=LATER)
    with refuses("person.too_many_addresses"):
        ask_for_address(person=cast.anna, address="a9@home.test", at=LATER)


def test_other_links_under_way_take_no_room_of_addresses(cast: Cast) -> None:
    issue_activation(person=cast.anna, at=LATER)
    for number in range(9):
        assert ask_for_address(person=cast.anna, address=f"a{number}@home.test", at=LATER)[1]
