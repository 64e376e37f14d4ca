"""The agents' home: what waits for me, at one glance."""

import zlib
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.desks.access import worked_desks
from otklik.desks.models import Queue, Status
from otklik.people.models import Person
from otklik.tickets.access import worked_tickets
from otklik.tickets.models import Ticket
from otklik.workspace.queries import open_only, with_mail_trouble
from otklik.workspace.ticket_row import TicketRow, rows_of

SHOWN = 10
# The sections as filters.
_WORKING = "assignee = currentUser() AND statusCategory not in (Done, Waiting) ORDER BY updated DESC"
_NOBODYS = "assignee is EMPTY AND statusCategory != Done ORDER BY created ASC"
_WAITING = "assignee = currentUser() AND statusCategory = Waiting ORDER BY updated ASC"


@dataclass(frozen=True, slots=True)
class Section:
    """A short list. `more`: whether there are further rows; `url`: the filter with all of them, "" if none says it."""

    id: str
    icon: str
    name: str
    hint: str
    rows: list[TicketRow]
    more: bool
    url: str


@dataclass(frozen=True, slots=True)
class DeskCard:
    """One of the person's desks with links into it."""

    key: str
    name: str
    phone: str
    queue_url: str
    create_url: str


@dataclass(frozen=True, slots=True)
class HomePage:
    """Desks and sections; empty sections are left out, except the person's own work."""

    desks: list[DeskCard]
    sections: list[Section]

    @property
    def digest(self) -> str:
        """A text that changes when a section shows other tickets, or when one of them changed."""
        shown = [
            (section.id, section.more, [(row.id, row.version) for row in section.rows]) for section in self.sections
        ]
        return f"{zlib.crc32(repr(shown).encode()):x}"


def home_page(person: Person) -> HomePage:
    """Return the start page. The number of queries is constant."""
    tickets = worked_tickets(person)
    opened = open_only(tickets)
    mine = opened.filter(assignee=person)
    working, waiting = (
        mine.exclude(status__category=Status.Category.WAITING),
        mine.filter(status__category=Status.Category.WAITING),
    )
    sections = [
        _section(
            "held",
            "mail-pause",
            _("Messages held, mails not delivered"),
            _("Admit what is held or leave it; whom a mail did not reach, reach in another way."),
            with_mail_trouble(tickets),
        ),
        _section("mine", "user-check", _("My work"), _("Open and assigned to me."), working, jql=_WORKING),
        _section(
            "unassigned",
            "inbox",
            _("Nobody's yet"),
            _("Oldest first."),
            opened.filter(assignee=None),
            "created_at",
            jql=_NOBODYS,
        ),
        _section(
            "waiting",
            "hourglass",
            _("Waiting for the requester"),
            _("Assigned to me."),
            waiting,
            "updated_at",
            jql=_WAITING,
        ),
    ]
    return HomePage(_desks(person), [s for s in sections if s.rows or s.id == "mine"])


def _section(
    anchor: str,
    icon: str,
    name: str,
    hint: str,
    tickets: QuerySet[Ticket],
    order: str = "-updated_at",
    *,
    jql: str = "",
) -> Section:
    url = f"{reverse('workspace:issues')}?{urlencode({'jql': jql})}" if jql else ""
    rows = rows_of(tickets.order_by(order, "id")[: SHOWN + 1])
    return Section(anchor, icon, name, hint, rows[:SHOWN], len(rows) > SHOWN, url)


def _desks(person: Person) -> list[DeskCard]:
    first: dict[int, int] = {}
    desks = list(worked_desks(person))
    for queue in Queue.objects.filter(desk__in=desks, hidden=False).order_by("position", "id"):
        first.setdefault(queue.desk_id or 0, queue.pk)
    return [
        DeskCard(
            key=desk.key,
            name=desk.name,
            phone=desk.phone,
            queue_url=reverse("workspace:project", args=[desk.key])
            if desk.pk not in first
            else reverse("workspace:queue", args=[desk.key, first[desk.pk]]),
            create_url=reverse("workspace:create", args=[desk.key]),
        )
        for desk in desks
    ]
