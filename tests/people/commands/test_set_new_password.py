"""`set_new_password` sets a new password and ends everything pending."""

from otklik.people.commands.account_activation import issue_activation
from otklik.people.commands.addresses import ask_for_address
from otklik.people.commands.persons import set_new_password
from otklik.people.models import AccountToken
from tests.acting import LATER
from tests.cast import Cast


def test_links_and_guesses_end_with_it(cast: Cast) -> None:
    issue_activation(person=cast.anna, at=LATER)
    ask_for_address(person=cast.anna, address="anna@home.test", at=LATER)
    issue_activation(person=cast.boris, at=LATER)
    set_new_password(person=cast.anna, password=None)
    cast.anna.refresh_from_db()
    assert not cast.anna.has_usable_password() and AccountToken.objects.get().person == cast.boris
