"""`change_password` changes the password, given the old one."""

from otklik.people.commands.account_activation import issue_activation
from otklik.people.commands.profile import change_password
from otklik.people.models import AccountToken, Person
from tests.acting import LATER, tells
from tests.cast import Cast


def test_the_password_changes_and_links_under_way_end(cast: Cast) -> None:
    issue_activation(person=cast.anna, at=LATER)
    with tells("person.password_changed"):
        change_password(person=cast.anna, at=LATER, password="новая длинная сирень")
    assert Person.objects.get(pk=cast.anna.pk).check_password("новая длинная сирень")
    assert not AccountToken.objects.exists()
