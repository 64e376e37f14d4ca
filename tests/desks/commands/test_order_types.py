"""`order_types` orders request types."""

from otklik.desks.commands.forms import order_types
from otklik.journal.models import Event
from tests.acting import by, refuses, tells
from tests.cast import Cast


def test_those_not_named_follow_as_they_stood(cast: Cast) -> None:
    before = list(cast.desk.request_types.order_by("position").values_list("pk", flat=True))
    with tells("desk.changed"):
        assert order_types(**by(cast.lead), desk=cast.desk, order=[before[1], 0])
        assert not order_types(**by(cast.lead), desk=cast.desk, order=[before[1]])
    after = list(cast.desk.request_types.order_by("position").values_list("pk", flat=True))
    assert after == [before[1], before[0], *before[2:]]
    assert Event.objects.latest("id").data["after"] == {"type_order": after}
    with refuses("desk.leads_only"):
        order_types(**by(cast.agent), desk=cast.desk, order=before)
