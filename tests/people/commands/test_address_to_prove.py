"""Which address a link proves."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from otklik.people.commands.addresses import UnableToProve, address_to_prove
from tests.cast import START, Cast
from tests.people.test_own_addresses import HOME, asked


def test_nothing_belongs_to_anybody_before_the_proof(cast: Cast) -> None:
    secret = asked(cast.anna)
    assert not EmailAddress.objects.filter(email=HOME).exists()
    assert address_to_prove(secret=secret, person=cast.anna, at=START) == HOME
    with pytest.raises(UnableToProve):
        address_to_prove(secret=secret, person=cast.boris, at=START)
    with pytest.raises(UnableToProve):
        address_to_prove(secret=secret, person=cast.anna, at=START + timedelta(hours=24))
