"""The agents' sidebar: desks, queues and how much is in them."""

from dataclasses import dataclass

from django.db.models import QuerySet

from otklik.desks.access import led_desks, worked_desks
from otklik.desks.models import Desk, Queue
from otklik.people.models import Person
from otklik.tickets.access import worked_tickets
from otklik.tickets.filters import narrow
from otklik.tickets.models import Ticket
from otklik.workspace.ledger import for_a_person_count

# Counting further would cost time that nobody's eye repays.
_COUNTED = 999
_MAILS_COUNTED = 99


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """One line of the sidebar."""

    id: int
    name: str
    url: str
    count: str
    active: bool


@dataclass(slots=True)
class DeskEntry:
    """A desk and its queues."""

    key: str
    name: str
    url: str
    queues: list[QueueEntry]
    mail_url: str = ""
    mail_count: str = ""
    mail_active: bool = False
    settings_url: str = ""
    settings_active: bool = False


def sidebar(person: Person, path: str) -> list[DeskEntry]:
    """The desks a person works at, each queue with its count; `path` is the page shown now."""
    queues = Queue.objects.filter(desk__in=worked_desks(person)).select_related("desk").order_by("desk_id", "position")
    desks: dict[int, DeskEntry] = {}
    led = set(led_desks(person).values_list("pk", flat=True))
    for queue in queues:
        desk = queue.desk
        url = f"/projects/{desk.key}/queues/custom/{queue.pk}"
        entry = desks.get(desk.pk) or desks.setdefault(desk.pk, _entry(desk, path, desk.pk in led))
        tickets = narrow(worked_tickets(person).filter(desk=desk), queue.criteria, person)
        entry.queues.append(QueueEntry(queue.pk, queue.name, url, _count(tickets), path == url))
    return list(desks.values())


def _entry(desk: Desk, path: str, leads: bool) -> DeskEntry:
    """The desk with its ledger (how many mails wait there for a person, "99+" at most) and, for leads, its settings."""
    mail, count = f"/projects/{desk.key}/mail", for_a_person_count(desk, _MAILS_COUNTED + 1)
    shown = str(count or "") if count <= _MAILS_COUNTED else f"{_MAILS_COUNTED}+"
    active = path == mail or path.startswith(f"{mail}/")
    entry = DeskEntry(desk.key, desk.name, f"/projects/{desk.key}/queues", [], mail, shown, active)
    if leads:
        entry.settings_url = f"/projects/{desk.key}/settings"
        entry.settings_active = path == entry.settings_url or path.startswith(f"{entry.settings_url}/")
    return entry


def _count(tickets: QuerySet[Ticket]) -> str:
    """How many, "999+" at most: reads no more rows than that, however full the queue is."""
    count = tickets.order_by()[: _COUNTED + 1].count()
    return str(count) if count <= _COUNTED else f"{_COUNTED}+"
