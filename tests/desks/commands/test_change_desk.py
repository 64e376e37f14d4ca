"""`change_desk` changes a desk's settings."""

from otklik.desks.commands.settings import change_desk
from otklik.journal.models import Event
from tests.acting import by, refuses, tells
from tests.cast import Cast


def test_what_differs_is_saved_with_the_values_before(cast: Cast) -> None:
    with tells("desk.changed"):
        assert change_desk(**by(cast.lead), desk=cast.desk, values={"phone": "112", "name": cast.desk.name})
        assert not change_desk(**by(cast.lead), desk=cast.desk, values={"phone": "112", "key": "NEW"})
    data = Event.objects.latest("id").data
    assert (data["before"], data["after"]) == ({"phone": "+7 495 000-00-00"}, {"phone": "112"})
    for who in (cast.agent, cast.agent_elsewhere, cast.anna):
        with refuses("desk.leads_only"):
            change_desk(**by(who), desk=cast.desk, values={"phone": "03"})
