"""`address_to_prove` returns the address that a link proves."""

from datetime import timedelta

from allauth.account.models import EmailAddress

from otklik.people.commands.addresses import address_to_prove
from tests.cast import START, Cast
from tests.people.test_own_addresses import HOME, asked
from tests.refusing import refused_as


def test_nothing_belongs_to_anybody_before_the_proof(cast: Cast) -> None:
    secret = asked(cast.anna)
    assert not EmailAddress.objects.filter(email=HOME).exists()
    assert address_to_prove(secret=secret, person=cast.anna, at=START) == HOME
    with refused_as("person.link_gone"):
        address_to_prove(secret=secret, person=cast.boris, at=START)
    with refused_as("person.link_gone"):
        address_to_prove(secret=secret, person=cast.anna, at=START + timedelta(hours=24))
