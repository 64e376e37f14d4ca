"""`activate` activates an account."""

from allauth.account.models import EmailAddress

from otklik.people.commands.account_activation import activate, issue_activation
from tests.acting import LATER, refuses
from tests.cast import PASSWORD, Cast
from tests.people.commands.parts import unused


def test_the_link_sets_the_password_proves_the_address_and_is_used_up(db: None) -> None:
    person = unused()
    secret = issue_activation(person=person, at=LATER)
    activate(secret=secret, password=PASSWORD, at=LATER)
    person.refresh_from_db()
    assert person.check_password(PASSWORD) and person.activated_at == LATER
    assert EmailAddress.objects.get(user=person).verified
    with refuses("person.link_gone"):
        activate(secret=secret, password="другая сирень цветёт", at=LATER)


def test_without_a_password_an_earlier_one_counts_no_longer(cast: Cast) -> None:
    activate(secret=issue_activation(person=cast.anna, at=LATER), password=None, at=LATER)
    cast.anna.refresh_from_db()
    assert not cast.anna.has_usable_password()
