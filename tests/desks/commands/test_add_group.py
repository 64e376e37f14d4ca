"""`add_group` adds a group of request types."""

from otklik.desks.commands.forms import add_group
from tests.acting import by, refuses, tells
from tests.cast import Cast


def test_a_lead_adds_a_group_and_an_agent_does_not(cast: Cast) -> None:
    kind = cast.desk.request_types.all()[0]
    with tells("desk.changed"):
        row = add_group(**by(cast.lead), desk=cast.desk, values={"name": "Кадры", "types": [kind.pk]})
    assert not row.archived and list(row.types.all()) == [kind]
    with refuses("desk.leads_only"):
        add_group(**by(cast.agent), desk=cast.desk, values={"name": "Ещё"})
