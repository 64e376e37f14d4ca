"""`star_queue` stars a queue for one person."""

from otklik.desks.commands.queues import star_queue
from otklik.desks.models import QueueChoice
from otklik.people.actor import Actor, system
from tests.acting import refuses
from tests.cast import Cast


def test_the_last_starred_one_stands_last_and_the_rest_of_the_choice_stays(cast: Cast) -> None:
    one, two = (queue.pk for queue in cast.desk.queues.order_by("position")[:2])
    mine = Actor(cast.agent, "agent")
    QueueChoice.objects.create(person=cast.agent, queue_id=two, density="compact")
    for queue in (two, one, two):
        star_queue(actor=mine, queue_id=queue, starred=True)
    starred = QueueChoice.objects.filter(person=cast.agent, starred=True).order_by("position")
    assert [choice.queue_id for choice in starred] == [two, one]
    star_queue(actor=mine, queue_id=two, starred=False)
    assert [choice.queue_id for choice in starred.all()] == [one]
    assert QueueChoice.objects.get(person=cast.agent, queue_id=two).density == "compact"
    assert not QueueChoice.objects.exclude(person=cast.agent).exists()
    with refuses("desk.queue_of_others"):
        star_queue(actor=system(), queue_id=one, starred=True)
