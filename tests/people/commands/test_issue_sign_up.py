"""`issue_sign_up` creates a registration link."""

from otklik.people.commands.signup import address_to_sign_up, issue_sign_up
from otklik.people.models import Person
from tests.acting import LATER, refuses


def test_nothing_but_the_latest_link_exists_before_it_is_used(db: None) -> None:
    people = Person.objects.count()
    first, second = (issue_sign_up(address="vera@clinic.test", name=" Вера ", at=LATER) for _ in range(2))
    assert Person.objects.count() == people
    assert address_to_sign_up(secret=second, at=LATER) == "vera@clinic.test"
    with refuses("person.link_gone"):
        address_to_sign_up(secret=first, at=LATER)
