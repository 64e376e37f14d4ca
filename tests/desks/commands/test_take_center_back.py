"""`take_center_back` undoes a change of the help centre's start page."""

from otklik.desks.commands.help_center import change_center, take_center_back
from otklik.desks.models import Center
from tests.acting import by, refuses, tells
from tests.cast import Cast


def test_the_last_change_is_taken_back_and_that_as_well(cast: Cast) -> None:
    with tells():
        assert not take_center_back(**by(cast.admin))
    change_center(**by(cast.admin), announcement="Завтра закрыто", texts={})
    for words in ("", "Завтра закрыто"):
        with tells("center.changed"):
            assert take_center_back(**by(cast.admin))
        assert Center.objects.get().announcement == words
    with refuses("person.admins_only"):
        take_center_back(**by(cast.lead))
