"""`order_queues` orders a desk's queues."""

from otklik.desks.commands.queues import order_queues
from tests.acting import by, refuses, tells
from tests.cast import Cast


def test_the_queues_stand_in_the_order_named(cast: Cast) -> None:
    ids = list(cast.desk.queues.order_by("position").values_list("pk", flat=True))
    with tells("desk.changed"):
        assert order_queues(**by(cast.lead), desk=cast.desk, order=[ids[2], ids[0]])
    after = list(cast.desk.queues.order_by("position").values_list("pk", flat=True))
    assert after == [ids[2], ids[0], ids[1], *ids[3:]]
    with refuses("desk.leads_only"):
        order_queues(**by(cast.agent), desk=cast.desk, order=ids)
