"""`choose_language` sets the language."""

from otklik.people.commands.profile import choose_language
from otklik.people.models import Person
from tests.acting import LATER, tells
from tests.cast import Cast


def test_only_the_language_changes(cast: Cast) -> None:
    with tells("person.profile_changed"):
        choose_language(person=cast.anna, at=LATER, language="en")
    row = Person.objects.get(pk=cast.anna.pk)
    assert (row.language, row.name, row.time_zone) == ("en", "Анна Петрова", cast.anna.time_zone)
