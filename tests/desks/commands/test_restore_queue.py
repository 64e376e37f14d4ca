"""`restore_queue` restores a deleted queue."""

from otklik.desks.commands.queues import (
    add_own_queue,
    add_queue,
    remove_queue,
    removed_queues,
    restore_queue,
    star_queue,
)
from otklik.desks.models import Queue, QueueChoice
from otklik.people.actor import Actor
from tests.acting import LATER, by, locks, refuses, tells
from tests.cast import Cast
from tests.desks.commands.queue_values import values


def test_it_comes_back_with_stars_where_nobody_took_its_name(cast: Cast) -> None:
    queue = add_queue(**by(cast.lead), desk=cast.desk, values=values("Горит"))
    star_queue(actor=Actor(cast.agent, "agent"), queue_id=queue.pk, starred=True)
    remove_queue(**by(cast.lead), queue=queue)
    assert [one.pk for one in removed_queues(LATER, desk=cast.desk)] == [queue.pk]
    with refuses("desk.leads_only"):
        restore_queue(**by(cast.agent), queue=queue)
    second = add_queue(**by(cast.lead), desk=cast.desk, values=values("Горит"))
    with refuses("desk.queue_name_taken"):
        restore_queue(**by(cast.lead), queue=queue)
    remove_queue(**by(cast.lead), queue=second)
    with tells("desk.changed"), locks(Queue):
        restore_queue(**by(cast.lead), queue=queue)
    with tells():
        restore_queue(**by(cast.lead), queue=queue)
    assert Queue.objects.get(name="Горит").pk == queue.pk
    assert QueueChoice.objects.get(person=cast.agent, queue=queue).starred


def test_ones_own_is_brought_back_by_oneself(cast: Cast) -> None:
    queue = add_own_queue(actor=Actor(cast.agent, "agent"), values=values("Моя"))
    remove_queue(**by(cast.agent), queue=queue)
    with refuses("desk.queue_of_others"):
        restore_queue(**by(cast.lead), queue=queue)
    restore_queue(**by(cast.agent), queue=queue)
    assert Queue.objects.get(owner=cast.agent).pk == queue.pk and not removed_queues(LATER, owner=cast.agent)
