"""`change_profile` changes one's profile."""

from otklik.people.commands.profile import change_profile, choose_theme
from otklik.people.models import Person
from tests.acting import LATER, refuses, tells
from tests.cast import Cast


def test_the_name_is_one_line_and_a_theme_not_named_stays(cast: Cast) -> None:
    choose_theme(person=cast.anna, theme="dark")
    with tells("person.profile_changed"):
        change_profile(person=cast.anna, at=LATER, name="Анна\n П.", language="en", time_zone="Asia/Omsk")
    row = Person.objects.get(pk=cast.anna.pk)
    assert (row.name, row.language, row.time_zone, row.theme) == ("Анна П.", "en", "Asia/Omsk", "dark")


def test_a_name_is_needed(cast: Cast) -> None:
    with refuses("person.name_missing"):
        change_profile(person=cast.anna, at=LATER, name=" ", language="", time_zone="")
