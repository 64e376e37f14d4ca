"""`prove_address` proves a further address by its link."""

import pytest
from allauth.account.models import EmailAddress

from otklik.people.actor import system
from otklik.people.commands.addresses import UnableToProve, prove_address
from otklik.people.commands.persons import add_caller, ensure_person, give_address
from otklik.people.models import AccountToken, Person
from tests.acting import by, locks, refuses, tells
from tests.cast import START, Cast
from tests.people.test_own_addresses import HOME, asked
from tests.people.test_own_addresses import asked as asked_for


def test_the_link_works_once_and_a_new_one_ends_the_old(cast: Cast) -> None:
    old, new = asked(cast.anna), asked(cast.anna)
    for secret in (old, new, new):
        works = secret == new and not EmailAddress.objects.filter(email=HOME).exists()
        try:
            prove_address(actor=system(), at=START, person=cast.anna, secret=secret, may_merge=lambda _other: True)
        except UnableToProve:
            assert not works
        else:
            assert works


def test_the_address_is_the_persons_and_told_of(cast: Cast) -> None:
    secret = asked_for(cast.anna)
    with tells("person.address_added"):
        found = prove_address(**by(cast.anna), person=cast.anna, secret=secret, may_merge=lambda _other: False)
    assert EmailAddress.objects.get(email=found).user == cast.anna


def test_who_works_at_a_desk_is_not_merged(cast: Cast) -> None:
    ensure_person(address=HOME, name="x", at=START)
    secret = asked_for(cast.anna)
    with locks(AccountToken, Person), refuses("person.link_gone"):
        prove_address(**by(cast.anna), person=cast.anna, secret=secret, may_merge=lambda _other: False)
    assert AccountToken.objects.filter(person=cast.anna).exists(), "the link can be tried again"


def test_an_address_that_was_given_meanwhile_is_proved_by_the_link(cast: Cast) -> None:
    caller = add_caller(name="Вера", at=START)
    secret = asked_for(caller)
    give_address(**by(cast.agent), person=caller, address=HOME)
    prove_address(**by(caller), person=caller, secret=secret, may_merge=lambda _other: False)
    address = EmailAddress.objects.get(user=caller)
    assert (address.email, address.verified, address.primary) == (HOME, True, True)


@pytest.mark.parametrize(
    "became", ["switched off", "logged in", "given a password", "an administrator", "of two addresses"]
)
def test_ab_36_only_who_never_had_an_account_is_taken_over(cast: Cast, became: str) -> None:
    """The address' owner was a newcomer when the link was requested, but has an account when it is used."""
    owner, _made = ensure_person(address=HOME, name="x", at=START)
    secret = asked_for(cast.anna)
    match became:
        case "switched off":
            owner.is_active = False
        case "logged in":
            owner.activated_at = START
        case "given a password":
            owner.set_password("сирень-цветёт-в-мае")
        case "an administrator":
            owner.is_admin = True
        case _:
            EmailAddress.objects.create(user=owner, email="second@home.test", verified=True, primary=False)
    owner.save()
    with refuses("person.link_gone"):
        prove_address(**by(cast.anna), person=cast.anna, secret=secret, may_merge=lambda _other: True)
    assert EmailAddress.objects.get(email=HOME).user == owner and Person.objects.filter(pk=owner.pk).exists()
