"""`ask_to_sign_up` mails a registration link, or that an account exists."""

from datetime import timedelta

from otklik.mail.models import OutboundMail
from otklik.notify.commands.accounts import MOST_AN_HOUR, ask_to_sign_up
from otklik.people.commands.persons import ensure_person
from otklik.people.models import AccountToken, Person
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


def test_ab_07_who_is_switched_off_gets_no_link(cast: Cast) -> None:
    person, _made = ensure_person(address="vera@clinic.test", name="Вера", at=LATER)
    Person.objects.filter(pk=person.pk).update(is_active=False)
    ask_to_sign_up(address="vera@clinic.test", name="Вера", at=LATER)
    assert not AccountToken.objects.exists()
    assert "ActivateAccount" not in OutboundMail.objects.get(recipient="vera@clinic.test").text


def test_ab_32_the_site_sends_so_many_links_an_hour_to_whatever_addresses(cast: Cast) -> None:
    """Otherwise somebody with many network addresses could mail half a city."""
    for number in range(MOST_AN_HOUR - 1):
        ask_to_sign_up(address=f"somebody@a{number}.test", name="x", at=LATER)
    sent = OutboundMail.objects.filter(kind="sign_up")
    for name, at, more in (
        ("vera", LATER, 1),
        ("petr", LATER, 0),
        ("oleg", LATER + timedelta(minutes=59), 0),
        ("yana", LATER + timedelta(minutes=61), 1),
    ):
        before = sent.count()
        ask_to_sign_up(address=f"{name}@far.test", name=name, at=at)
        assert sent.count() == before + more, name
