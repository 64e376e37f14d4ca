"""The first page of a queue, which is asked for more than any other."""

from typing import Any

from django.db.models import QuerySet

from otklik.core.fast_reads import fast_read
from otklik.people.models import Person
from otklik.workspace.queries import rows_with_ids
from otklik.workspace.queue_reads import QueueRead
from otklik.workspace.ticket_row import TicketRow


def first_rows(person: Person, queue: QueueRead, order: str, most: int) -> list[TicketRow]:
    """Return the first `most` rows of a quick queue. Two statements.

    `order`: a key of ORDERS, "-" before it for descending, "" for the queue's own. The person works at its desks; this
    is not checked.
    """
    return rows_with_ids(_first(person=person.pk, queue=queue, order=order, most=most))


# The best index depends on how many tickets are open, so each run is planned; ids only, to avoid joins for columns.
@fast_read("person", plan_once=False)
def _first(*, person: int, queue: QueueRead, order: str, most: int) -> QuerySet[Any, int]:
    """Ids of the queue's first tickets; the queue and its order select the cached statement."""
    return queue.tickets(Person(pk=person), order=order).values_list("pk", flat=True)[:most]
