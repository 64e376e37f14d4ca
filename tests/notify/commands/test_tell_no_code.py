"""`tell_no_code` tells staff that a mailed code is not sufficient for them."""

from otklik.mail.models import OutboundMail
from otklik.notify.commands.accounts import tell_no_code
from tests.acting import LATER
from tests.cast import Cast


def test_the_mail_says_why_and_comes_once_in_a_while(cast: Cast) -> None:
    for _ in range(2):
        tell_no_code(person=cast.agent, address="agent@desk.test", at=LATER)
    mail = OutboundMail.objects.get()
    assert (mail.recipient, mail.kind) == ("agent@desk.test", "no_login_code") and "ForgotLogin" in mail.text
