"""`ensure_persons` returns or creates the people of many addresses."""

from otklik.people.commands.persons import ensure_persons
from otklik.people.models import PersonSearch
from tests.cast import START
from tests.people.test_search import found


def test_people_made_at_once_are_found(db: None) -> None:
    ensure_persons(names={f"p{number}@x.test": f"Человек {number}" for number in range(3)}, at=START)
    assert len(found("человек")) == 3 == PersonSearch.objects.count()
