"""People of another system."""

from functools import partial

from otklik.people.commands.logins import UnableToSetLogin, add_from_directory
from otklik.people.models import Person
from tests.acting import by, refuses, tells
from tests.cast import Cast
from tests.meanwhile import meanwhile


def test_a_person_of_a_directory_is_made_once(cast: Cast) -> None:
    with tells("person.came_from_directory"):
        first, made = add_from_directory(**by(), source_key="jira:1", name="Вера", address="vera@clinic.test")
        again, anew = add_from_directory(**by(), source_key="jira:1", name="Другая", address="other@clinic.test")
    assert (again, made, anew) == (first, True, False) and first.source_key == "jira:1"


def test_who_wrote_before_is_the_person_of_the_address(cast: Cast) -> None:
    found, made = add_from_directory(**by(), source_key="jira:2", name="x", address="anna@clinic.test")
    assert (found, made) == (cast.anna, False)


def test_a_key_is_needed(cast: Cast) -> None:
    for key in (" ", "x" * 201):
        with refuses(UnableToSetLogin):
            add_from_directory(**by(), source_key=key, name="x")


def test_of_two_who_bring_one_key_at_once_one_makes_the_person(transactional_db: None) -> None:
    bring = partial(add_from_directory, **by(), source_key="jira:3", name="Вера")
    with meanwhile(bring) as other:
        _found, made = bring()
    assert other.waited and not made and Person.objects.filter(source_key="jira:3").count() == 1
