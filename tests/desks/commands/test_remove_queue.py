"""A queue is deleted."""

from otklik.desks.commands.queues import add_own_queue, add_queue, remove_queue
from otklik.desks.commands.settings import changes_of
from otklik.desks.models import Queue
from otklik.people.actor import Actor
from tests.acting import by, locks, refuses, tells
from tests.cast import Cast
from tests.desks.commands.queue_values import values


def test_a_lead_deletes_a_desks_queue_and_the_history_keeps_it(cast: Cast) -> None:
    queue = add_queue(**by(cast.lead), desk=cast.desk, values=values("Горит"))
    with refuses("desk.leads_only"):
        remove_queue(**by(cast.agent), queue=queue)
    with tells("desk.changed"), locks(Queue):
        remove_queue(**by(cast.lead), queue=Queue.objects.get(pk=queue.pk))
    assert not Queue.objects.filter(pk=queue.pk).exists()
    assert "Горит" in str(changes_of(cast.desk).order_by("-id")[0].data)


def test_ones_own_is_deleted_by_oneself(cast: Cast) -> None:
    queue = add_own_queue(actor=Actor(cast.agent, "agent"), values=values("Моя"))
    with refuses("desk.queue_of_others"):
        remove_queue(**by(cast.lead), queue=queue)
    with tells():
        remove_queue(**by(cast.agent), queue=queue)
    assert not Queue.objects.filter(owner=cast.agent).exists()
