"""`add_own_queue` adds a person's own queue."""

from otklik.desks.commands import queues
from otklik.desks.commands.queues import add_own_queue
from otklik.desks.models import Queue
from otklik.people.actor import Actor, system
from otklik.people.models import Person
from tests.acting import locks, refuses
from tests.cast import Cast
from tests.desks.commands.queue_values import values


def test_an_agent_makes_their_own_under_names_of_their_own(cast: Cast) -> None:
    mine, others = Actor(cast.agent, "agent"), Actor(cast.lead, "agent")
    with locks(Person):  # of two at once the second sees the first one's name, and counts it
        queue = add_own_queue(actor=mine, values=values("Мои срочные"))
    assert (queue.owner, queue.desk) == (cast.agent, None)
    add_own_queue(actor=others, values=values("Мои срочные"))
    with refuses("desk.queue_name_taken"):
        add_own_queue(actor=mine, values=values("Мои срочные"))
    with refuses("desk.queue_of_others"):
        add_own_queue(actor=system(), values=values("Ничья"))


def test_nobody_has_more_than_so_many(cast: Cast) -> None:
    full = range(queues.MOST_OF_PERSON)
    Queue.objects.bulk_create(Queue(owner=cast.agent, name=f"№ {number}", position=9) for number in full)
    with refuses("desk.queues_too_many"):
        add_own_queue(actor=Actor(cast.agent, "agent"), values=values("Ещё"))
