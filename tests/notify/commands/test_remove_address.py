"""`remove_address` notifies of a removed address."""

from allauth.account.models import EmailAddress

from otklik.mail.models import OutboundMail
from otklik.notify.commands.addresses import remove_address
from tests.acting import by, tells
from tests.cast import Cast
from tests.people.test_own_addresses import HOME
from tests.people.test_own_addresses import asked as asked_for


def test_both_addresses_are_told_of_one_that_was_the_persons(cast: Cast) -> None:
    EmailAddress.objects.create(user=cast.anna, email=HOME, verified=True)
    with tells("person.address_removed"):
        remove_address(**by(cast.anna), person=cast.anna, address=HOME)
    assert {mail.recipient for mail in OutboundMail.objects.all()} == {HOME, "anna@clinic.test"}


def test_nobody_is_told_of_a_link_that_was_withdrawn(cast: Cast) -> None:
    asked_for(cast.anna)
    remove_address(**by(cast.anna), person=cast.anna, address=HOME)
    assert not OutboundMail.objects.exists()
