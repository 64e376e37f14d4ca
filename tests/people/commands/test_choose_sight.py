"""`choose_sight` sets the version for the visually impaired."""

from otklik.people.commands.profile import choose_sight
from otklik.people.models import Person
from tests.acting import LATER, tells
from tests.cast import Cast


def test_the_choice_is_kept(cast: Cast) -> None:
    with tells("person.profile_changed"):
        choose_sight(person=cast.anna, at=LATER, sight="1.2.1")
    assert Person.objects.get(pk=cast.anna.pk).sight == "1.2.1"
