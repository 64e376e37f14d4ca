"""`add_queue` adds a queue to a desk."""

from otklik.desks.commands import queues
from otklik.desks.commands.queues import add_queue
from otklik.desks.commands.settings import changes_of, undo
from otklik.desks.models import Queue
from tests.acting import by, refuses, tells
from tests.cast import Cast
from tests.desks.commands.queue_values import OPEN, values


def test_a_lead_adds_a_queue_as_the_last_and_an_agent_does_not(cast: Cast) -> None:
    with tells("desk.changed"):
        queue = add_queue(**by(cast.lead), desk=cast.desk, values=values("Горит"))
    assert not queue.hidden and queue.jql == OPEN and cast.desk.queues.order_by("-position")[0] == queue
    with refuses("desk.leads_only"):
        add_queue(**by(cast.agent), desk=cast.desk, values=values("Ещё"))
    with refuses("desk.queue_name_taken"):
        add_queue(**by(cast.lead), desk=cast.desk, values=values("Горит"))


def test_taken_back_it_is_hidden(cast: Cast) -> None:
    queue = add_queue(**by(cast.lead), desk=cast.desk, values=values("Горит"))
    event = changes_of(cast.desk).order_by("-id")[0]
    undo(**by(cast.lead), desk=cast.desk, event_id=event.pk)
    assert Queue.objects.get(pk=queue.pk).hidden


def test_a_desk_has_no_more_than_so_many(cast: Cast) -> None:
    full = range(queues.MOST_OF_DESK)
    Queue.objects.bulk_create(Queue(desk=cast.desk, name=f"№ {number}", position=9) for number in full)
    with refuses("desk.queues_too_many"):
        add_queue(**by(cast.lead), desk=cast.desk, values=values("Ещё"))
