"""`order_groups` orders groups of request types."""

from otklik.desks.commands.forms import add_group, order_groups
from tests.acting import by, refuses, tells
from tests.cast import Cast


def test_the_groups_stand_in_the_order_named(cast: Cast) -> None:
    one, other = (add_group(**by(cast.lead), desk=cast.desk, values={"name": name}) for name in ("А", "Б"))
    with tells("desk.changed"):
        assert order_groups(**by(cast.lead), desk=cast.desk, order=[other.pk, one.pk])
    found = list(cast.desk.groups.order_by("position"))
    assert found.index(other) < found.index(one)
    with refuses("desk.leads_only"):
        order_groups(**by(cast.agent), desk=cast.desk, order=[one.pk])
