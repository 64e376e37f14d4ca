"""The agents' sidebar: desks, queues and how much is in them."""

from dataclasses import dataclass

from otklik.desks.access import worked_desks
from otklik.desks.models import Queue
from otklik.people.models import Person
from otklik.tickets.access import worked_tickets
from otklik.tickets.filters import narrow


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """One line of the sidebar."""

    id: int
    name: str
    url: str
    count: int
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
    queues = (
        Queue.objects.filter(desk__in=worked_desks(person))
        .select_related("desk")
        .order_by("desk_id", "position")
    )
    desks: dict[int, DeskEntry] = {}
    for queue in queues:
        desk = queue.desk
        url = f"/projects/{desk.key}/queues/custom/{queue.pk}"
        entry = desks.setdefault(desk.pk, DeskEntry(desk.key, desk.name, f"/projects/{desk.key}/queues", []))
        tickets = narrow(worked_tickets(person).filter(desk=desk), queue.criteria, person)
        entry.queues.append(QueueEntry(queue.pk, queue.name, url, tickets.count(), path == url))
    return list(desks.values())
