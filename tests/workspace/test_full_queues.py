"""A queue that holds more than is counted is not counted with every page for some seconds, for this reader alone."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.desks.models import Queue
from otklik.people.models import Person
from otklik.tickets.models import Ticket
from otklik.workspace import queue_counts as counts
from otklik.workspace.desk_context import Standing
from otklik.workspace.full_queues import SECONDS, FullQueues
from otklik.workspace.queue_reads import QueueRead
from tests.cast import Cast, as_
from tests.workspace.test_queue import more_tickets


class Clock:
    """Goes on when told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """Nobody counts further than two, and more is in the first queue; both memories begin anew."""
    clock = Clock()
    monkeypatch.setattr(counts, "FULL", FullQueues(clock))
    monkeypatch.setattr(counts, "COUNTED", 2)
    counts._numbers.forget()
    more_tickets(cast, 3)
    yield clock
    counts._numbers.forget()


def numbers(person: Person, desk_queue: int) -> int:
    return Standing(person).counts.queues[desk_queue]


def first_queue(cast: Cast) -> int:
    return cast.desk.queues.order_by("position")[0].pk


def counted_with(person: Person) -> list[str]:
    with CaptureQueriesContext(connection) as asked:
        as_(person).get("/issues/?jql=key%20%3D%20ACCREDO-1")
    return [row["sql"] for row in asked if '"counted1"' in row["sql"]]


def test_it_is_full_for_some_seconds_and_then_counted_again(cast: Cast, clock: Clock) -> None:
    queue = first_queue(cast)
    assert numbers(cast.agent, queue) == 3
    Ticket.objects.exclude(pk=cast.ticket.pk).update(closed_at=cast.ticket.created_at, status=done(cast))
    assert numbers(cast.agent, queue) == 3
    clock.now += SECONDS - 1
    assert numbers(cast.agent, queue) == 3, "what is known is not known for longer because somebody looks"
    clock.now += 2
    assert numbers(cast.agent, queue) == 1


def test_only_the_others_are_counted_meanwhile(cast: Cast, clock: Clock) -> None:
    full = sum(number > 2 for number in Standing(cast.agent).counts.queues.values())
    first = counted_with(cast.agent)
    clock.now += SECONDS + 1
    again = counted_with(cast.agent)
    assert full and again[0].count(" counted)") - first[0].count(" counted)") == full


def test_a_queue_that_is_not_full_is_counted_each_time(cast: Cast, clock: Clock) -> None:
    mine = next(pk for pk, number in Standing(cast.agent).counts.queues.items() if number == 0)
    Queue.objects.filter(pk=mine).update(jql="assignee = currentUser()")
    Ticket.objects.filter(pk=cast.ticket.pk).update(assignee=cast.agent)
    assert numbers(cast.agent, mine) == 1


def test_another_text_and_another_person_know_nothing_of_it(cast: Cast, clock: Clock) -> None:
    queue = first_queue(cast)
    assert numbers(cast.agent, queue) == 3
    read = Standing(cast.agent).reads[queue]
    assert isinstance(read, QueueRead)
    assert counts.FULL.among(cast.agent.pk, [read]) == [read] and counts.FULL.among(cast.anna.pk, [read]) == []
    assert counts.FULL.among(cast.agent.pk, [replace(read, desks=(*read.desks, cast.other_desk.pk))]) == []
    Queue.objects.filter(pk=queue).update(jql=f"assignee = {cast.agent.pk}")
    assert numbers(cast.agent, queue) == 0


def done(cast: Cast) -> object:
    return cast.desk.statuses.get(category="done")
