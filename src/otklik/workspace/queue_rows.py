"""The first page of a queue, which is asked for more than any other."""

from typing import Any

from django.db.models import QuerySet

from otklik.core.fast_reads import fast_read
from otklik.people.models import Person
from otklik.tickets.search.filters import ordered
from otklik.workspace.counts import QueueRead
from otklik.workspace.queries import rows_of


def first_rows(person: Person, queue: QueueRead, order: str, most: int) -> list[Any]:
    """The queue's first rows, as `rows_of` gives them; `order`: a key of ORDERS, "-" before it for the other way round.
    The person works at the desk. One statement."""
    return _first(person=person.pk, queue=queue, order=order, most=most)


# How many tickets are open decides which index is best: planned for each run.
@fast_read("person", plan_once=False)
def _first(*, person: int, queue: QueueRead, order: str, most: int) -> QuerySet[Any, Any]:
    """The first rows of a queue's list; a queue (`QueueRead`) and its order choose the statement."""
    return ordered(rows_of(queue.tickets(Person(pk=person))), order)[:most]
