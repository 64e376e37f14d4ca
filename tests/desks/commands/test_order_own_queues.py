"""`order_own_queues` orders a person's own queues."""

from otklik.desks.commands.queues import add_own_queue, order_own_queues
from otklik.desks.models import Queue
from otklik.people.actor import Actor
from tests.cast import Cast
from tests.desks.commands.queue_values import values


def test_ones_own_stand_as_named_and_nobody_elses_move(cast: Cast) -> None:
    mine = Actor(cast.agent, "agent")
    ids = [add_own_queue(actor=mine, values=values(name)).pk for name in ("Раз", "Два", "Три")]
    foreign = add_own_queue(actor=Actor(cast.lead, "lead"), values=values("Раз"))
    order_own_queues(actor=mine, order=[foreign.pk, ids[2]])
    assert list(Queue.objects.filter(owner=cast.agent).order_by("position").values_list("pk", flat=True)) == [
        ids[2],
        ids[0],
        ids[1],
    ]
    assert Queue.objects.get(pk=foreign.pk).position == foreign.position
