"""`change_center` changes the start page of the help centre."""

from otklik.desks.commands.help_center import change_center
from otklik.journal.models import Event
from tests.acting import by, refuses, tells
from tests.cast import Cast


def test_an_admin_announces_with_the_words_before_in_the_journal(cast: Cast) -> None:
    with tells("center.changed"):
        for _ in range(2):
            change_center(**by(cast.admin), announcement="Завтра закрыто", texts={"en": {"announcement": "Closed"}})
    assert Event.objects.latest("id").data["before"] == {"announcement": "", "texts": {}}


def test_leads_announce_nothing_there(cast: Cast) -> None:
    with refuses("person.admins_only"):
        change_center(**by(cast.lead), announcement="Завтра закрыто", texts={})
