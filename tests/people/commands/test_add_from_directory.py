"""`add_from_directory` adds a person of another system."""

from functools import partial

from otklik.people.commands.logins import add_from_directory, set_login
from otklik.people.models import Person
from tests.acting import by, locks, refuses, tells
from tests.cast import Cast
from tests.meanwhile import meanwhile


def test_a_person_of_a_directory_is_made_once(cast: Cast) -> None:
    with locks(Person), tells("person.came_from_directory"):
        first, made = add_from_directory(**by(), source_key="jira:1", name="Вера", address="vera@clinic.test")
        again, anew = add_from_directory(**by(), source_key="jira:1", name="Другая", address="other@clinic.test")
    assert (again, made, anew) == (first, True, False) and first.source_key == "jira:1"


def test_who_wrote_before_is_the_person_of_the_address(cast: Cast) -> None:
    found, made = add_from_directory(**by(), source_key="jira:2", name="x", address="anna@clinic.test")
    assert (found, made) == (cast.anna, False)


def test_a_key_is_needed(cast: Cast) -> None:
    for key in (" ", "x" * 201):
        with refuses("person.source_key_length"):
            add_from_directory(**by(), source_key=key, name="x")
    assert add_from_directory(**by(), source_key="x" * 200, name="x")[0].source_key == "x" * 200


def test_of_two_who_bring_one_key_at_once_one_makes_the_person(transactional_db: None) -> None:
    bring = partial(add_from_directory, **by(), source_key="jira:3", name="Вера")
    with meanwhile(bring) as other:
        _found, made = bring()
    assert other.waited and not made and Person.objects.filter(source_key="jira:3").count() == 1


def test_who_has_a_login_keeps_it(cast: Cast) -> None:
    set_login(**by(), person=cast.anna, login="anna")
    found, _made = add_from_directory(
        **by(), source_key="jira:4", name="x", address="anna@clinic.test", login="a.petrova"
    )
    assert (found.pk, found.login) == (cast.anna.pk, "anna")


def test_of_two_directories_with_one_address_the_second_person_has_a_name_and_a_note(cast: Cast) -> None:
    add_from_directory(**by(), source_key="jira:5", name="Вера", address="vera@clinic.test")
    for number, name, called in ((6, "Вера И.", "Вера И."), (7, "", "vera")):
        person, _made = add_from_directory(**by(), source_key=f"hr:{number}", name=name, address="vera@clinic.test")
        assert (person.name, person.email, person.address_note) == (called, None, "vera@clinic.test")
