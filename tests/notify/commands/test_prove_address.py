"""A further address is proved and told of."""

from otklik.mail.models import OutboundMail
from otklik.notify.commands.addresses import prove_address
from otklik.people.commands.addresses import UnableToProve
from tests.acting import by, refuses, tells
from tests.cast import Cast
from tests.people.test_own_addresses import HOME
from tests.people.test_own_addresses import asked as asked_for


def test_the_primary_address_is_told(cast: Cast) -> None:
    secret = asked_for(cast.anna)
    with tells("person.address_added"):
        assert prove_address(**by(cast.anna), person=cast.anna, secret=secret) == HOME
    assert OutboundMail.objects.get().recipient == "anna@clinic.test"


def test_a_wrong_link_tells_nobody(cast: Cast) -> None:
    with refuses(UnableToProve):
        prove_address(**by(cast.boris), person=cast.boris, secret=asked_for(cast.anna))
    assert not OutboundMail.objects.exists()
