"""`change_password` notifies of a new password."""

from otklik.mail.models import OutboundMail
from otklik.notify.commands.passwords import change_password
from tests.acting import LATER, tells
from tests.cast import Cast


def test_the_primary_address_is_told(cast: Cast) -> None:
    with tells("person.password_changed"):
        change_password(person=cast.anna, at=LATER, password="новая длинная сирень")
    mail = OutboundMail.objects.get()
    assert mail.recipient == "anna@clinic.test" and "сирень" not in mail.text
