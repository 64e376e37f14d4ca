"""A link to register, or that there is an account."""

from otklik.mail.models import OutboundMail
from otklik.notify.commands.accounts import ask_to_sign_up
from otklik.people.models import AccountToken
from tests.acting import LATER, tells
from tests.cast import Cast


def test_a_new_address_gets_a_link_and_a_known_one_is_told_that_it_has_an_account(cast: Cast) -> None:
    with tells():
        ask_to_sign_up(address="vera@clinic.test", name="Вера", at=LATER)
        ask_to_sign_up(address="anna@clinic.test", name="Анна", at=LATER)
    assert AccountToken.objects.get(purpose=AccountToken.SIGN_UP).address == "vera@clinic.test"
    assert OutboundMail.objects.filter(kind="sign_up").count() == 2
    assert "ForgotLogin" in OutboundMail.objects.get(recipient="anna@clinic.test").text


def test_our_own_mailboxes_get_nothing(cast: Cast) -> None:
    ask_to_sign_up(address="accredo@desk.test", name="x", at=LATER)
    assert not OutboundMail.objects.exists()
