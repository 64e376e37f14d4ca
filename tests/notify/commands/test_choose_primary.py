"""`choose_primary` notifies of a new primary address."""

from allauth.account.models import EmailAddress

from otklik.mail.models import OutboundMail
from otklik.notify.commands.addresses import choose_primary
from tests.acting import by, tells
from tests.cast import Cast
from tests.people.test_own_addresses import HOME


def test_the_former_address_is_told(cast: Cast) -> None:
    EmailAddress.objects.create(user=cast.anna, email=HOME, verified=True)
    with tells("person.primary_address_changed"):
        choose_primary(**by(cast.anna), person=cast.anna, address=HOME)
    assert OutboundMail.objects.get().recipient == "anna@clinic.test"
