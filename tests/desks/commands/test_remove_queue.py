"""`remove_queue` deletes a queue."""

from datetime import timedelta

from otklik.desks.commands.queues import KEPT, add_own_queue, add_queue, remove_queue
from otklik.desks.commands.settings import changes_of, undo
from otklik.desks.models import Queue
from otklik.people.actor import Actor
from tests.acting import LATER, by, locks, refuses, tells
from tests.cast import Cast
from tests.desks.commands.queue_values import values


def test_a_lead_deletes_a_desks_queue_and_the_history_keeps_it(cast: Cast) -> None:
    queue = add_queue(**by(cast.lead), desk=cast.desk, values=values("Горит"))
    with refuses("desk.leads_only"):
        remove_queue(**by(cast.agent), queue=queue)
    with tells("desk.changed"), locks(Queue):
        remove_queue(**by(cast.lead), queue=Queue.objects.get(pk=queue.pk))
    assert not Queue.objects.filter(pk=queue.pk).exists()
    told = changes_of(cast.desk).order_by("-id")[0]
    assert "Горит" in str(told.data)
    undo(**by(cast.lead), desk=cast.desk, event_id=told.pk)
    assert Queue.objects.get(pk=queue.pk).removed_at is None


def test_what_was_deleted_long_ago_goes_for_ever_with_the_next(cast: Cast) -> None:
    old, new = (add_queue(**by(cast.lead), desk=cast.desk, values=values(name)) for name in ("Старая", "Новая"))
    remove_queue(**by(cast.lead), queue=old)
    Queue.with_removed.filter(pk=old.pk).update(removed_at=LATER - KEPT - timedelta(minutes=1))
    remove_queue(**by(cast.lead), queue=new)
    assert list(Queue.with_removed.exclude(removed_at=None).values_list("pk", flat=True)) == [new.pk]


def test_ones_own_is_deleted_by_oneself(cast: Cast) -> None:
    queue = add_own_queue(actor=Actor(cast.agent, "agent"), values=values("Моя"))
    with refuses("desk.queue_of_others"):
        remove_queue(**by(cast.lead), queue=queue)
    with tells():
        remove_queue(**by(cast.agent), queue=queue)
    assert not Queue.objects.filter(owner=cast.agent).exists()


def test_what_others_deleted_long_ago_stays_as_it_is(cast: Cast) -> None:
    """Each desk and each person has a separate bin."""
    add_own = lambda person: add_own_queue(actor=Actor(person, "agent"), values=values("Моя"))  # noqa: E731
    others = [add_own(cast.lead), add_queue(**by(cast.admin), desk=cast.other_desk, values=values("Чужая"))]
    ids = {queue.pk for queue in others}
    Queue.objects.filter(pk__in=ids).update(removed_at=LATER - KEPT - timedelta(days=1))
    for person, queue in (
        (cast.agent, add_own(cast.agent)),
        (cast.lead, add_queue(**by(cast.lead), desk=cast.desk, values=values("Горит"))),
    ):
        remove_queue(**by(person), queue=queue)
    assert set(Queue.with_removed.filter(pk__in=ids).values_list("pk", flat=True)) == ids
