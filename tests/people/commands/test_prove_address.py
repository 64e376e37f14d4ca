"""The link of a further address is used."""

from allauth.account.models import EmailAddress

from otklik.people.actor import system
from otklik.people.commands.addresses import UnableToProve, prove_address
from otklik.people.commands.persons import ensure_person
from otklik.people.models import AccountToken
from tests.acting import by, refuses, tells
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
    with refuses(UnableToProve):
        prove_address(**by(cast.anna), person=cast.anna, secret=secret, may_merge=lambda _other: False)
    assert AccountToken.objects.filter(person=cast.anna).exists(), "the link can be tried again"
