"""The agents' sidebar: desks, queues and how much is in them."""

from dataclasses import dataclass

from django.db.models import QuerySet

from otklik.desks.access import worked_desks
from otklik.desks.models import Queue
from otklik.people.models import Person
from otklik.tickets.access import worked_tickets
from otklik.tickets.filters import narrow
from otklik.tickets.models import Ticket

# Counting further would cost time that nobody's eye repays.
_COUNTED = 999


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """One line of the sidebar."""

    id: int
    name: str
    url: str
    count: str
    active: bool


@dataclass(frozen=True, slots=True)
class DeskEntry:
    """A desk and its queues."""

    key: str
    name: str
    url: str
    queues: list[QueueEntry]


def sidebar(person: Person, path: str) -> list[DeskEntry]:
    """The desks a person works at, each queue with its count; `path` is the page shown now."""
    queues = Queue.objects.filter(desk__in=worked_desks(person)).select_related("desk").order_by("desk_id", "position")
    desks: dict[int, DeskEntry] = {}
    for queue in queues:
        desk = queue.desk
        url = f"/projects/{desk.key}/queues/custom/{queue.pk}"
        entry = desks.setdefault(desk.pk, DeskEntry(desk.key, desk.name, f"/projects/{desk.key}/queues", []))
        tickets = narrow(worked_tickets(person).filter(desk=desk), queue.criteria, person)
        entry.queues.append(QueueEntry(queue.pk, queue.name, url, _count(tickets), path == url))
    return list(desks.values())


def _count(tickets: QuerySet[Ticket]) -> str:
    """How many, "999+" at most: reads no more rows than that, however full the queue is."""
    count = tickets.order_by()[: _COUNTED + 1].count()
    return str(count) if count <= _COUNTED else f"{_COUNTED}+"
