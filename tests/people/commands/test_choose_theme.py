"""`choose_theme` sets the theme."""

from otklik.people.commands.profile import choose_theme
from otklik.people.models import Person
from tests.acting import tells
from tests.cast import Cast


def test_the_theme_is_kept_without_an_event(cast: Cast) -> None:
    with tells():
        choose_theme(person=cast.anna, theme="dark")
    assert Person.objects.get(pk=cast.anna.pk).theme == "dark"
