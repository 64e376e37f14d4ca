"""The first page of a queue, which is asked for more than any other."""

from typing import Any

from django.db.models import QuerySet

from otklik.core.fast_reads import fast_read
from otklik.people.models import Person
from otklik.workspace.queries import rows_with_ids
from otklik.workspace.queue_reads import QueueRead
from otklik.workspace.ticket_row import TicketRow


def first_rows(person: Person, queue: QueueRead, order: str, most: int) -> list[TicketRow]:
    """The first rows of a quick queue; `order`: a key of ORDERS, "-" before it for the other
    way round, "" as the queue says. The person works at its desks. Two statements."""
    return rows_with_ids(_first(person=person.pk, queue=queue, order=order, most=most))


# How many tickets are open decides which index is best: planned for each run, so nothing is joined that only rows show.
@fast_read("person", plan_once=False)
def _first(*, person: int, queue: QueueRead, order: str, most: int) -> QuerySet[Any, int]:
    """The first tickets of a queue's list; a queue (`QueueRead`) and its order choose the statement."""
    return queue.tickets(Person(pk=person), order=order).values_list("pk", flat=True)[:most]
