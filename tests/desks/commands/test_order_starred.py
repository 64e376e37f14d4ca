"""`order_starred` orders a person's starred queues."""

from otklik.desks.commands.queues import order_starred, star_queue
from otklik.desks.models import QueueChoice
from otklik.people.actor import Actor
from tests.cast import Cast


def test_the_starred_ones_stand_as_named_for_this_person_alone(cast: Cast) -> None:
    ids = list(cast.desk.queues.order_by("position").values_list("pk", flat=True))[:3]
    for person in (cast.agent, cast.lead):
        for queue in ids:
            star_queue(actor=Actor(person, "agent"), queue_id=queue, starred=True)
    order_starred(actor=Actor(cast.agent, "agent"), order=[ids[2], 0, ids[0], ids[2]])
    starred = QueueChoice.objects.filter(starred=True).order_by("position")
    assert [one.queue_id for one in starred.filter(person=cast.agent)] == [ids[2], ids[0], ids[1]]
    assert [one.queue_id for one in starred.filter(person=cast.lead)] == ids
