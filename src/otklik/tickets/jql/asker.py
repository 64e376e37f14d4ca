"""For whom the filter language is answered: what they may see, when it is, and in which time zone."""

import zoneinfo
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from otklik.desks.access import worked_desks
from otklik.people.models import Organization, Person
from otklik.tickets.access import customer_tickets, read_by, tickets_at, visible_tickets
from otklik.tickets.jql.value_catalogue import Catalogue
from otklik.tickets.known_people import acquaintances
from otklik.tickets.models import Message, Participant, Ticket

_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class Workplace:
    """All desks where somebody works: their ids, and the ids of their statuses with their categories."""

    desks: tuple[int, ...]
    categories: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Asker:
    """`person` None: the site itself, which sees everything. `at_work`: only tickets of the desks where the person
    works are looked at. Reads what it needs once.

    `desks`: those desks, where the caller has asked or takes some of them only. `catalogue`: what these desks are made
    of, where the caller has it; ids stand for names then, as in the stored form of a text. `workplace`: the person's,
    where the caller has loaded it.
    """

    person: Person | None
    at: datetime
    at_work: bool = False
    desks: tuple[int, ...] | None = None
    catalogue: Catalogue | None = None
    workplace: Workplace | None = None

    def once(self, key: Hashable, read: Callable[[], _Read]) -> _Read:
        """What is read under this key, at its first use: a page asks for the same names for its list and its chips."""
        memory: dict[Hashable, _Read] = vars(self).setdefault("_read", {})
        if key not in memory:
            memory[key] = read()
        return memory[key]

    @cached_property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The person's time zone, or the site's."""
        try:
            return zoneinfo.ZoneInfo((self.person and self.person.time_zone) or settings.TIME_ZONE)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            return zoneinfo.ZoneInfo(settings.TIME_ZONE)

    @property
    def sees_everything(self) -> bool:
        """The site, and its admins."""
        return self.person is None or (self.person.is_admin and self.person.is_active)

    @property
    def is_staff_everywhere(self) -> bool:
        """Whether the asker is the staff of every ticket that is looked at."""
        return self.at_work or self.sees_everything

    @cached_property
    def worked(self) -> list[int]:
        """Ids of the desks whose staff the asker is; not asked where `sees_everything`."""
        if self.desks is not None:
            return list(self.desks)
        if self.workplace is not None:
            return list(self.workplace.desks)
        return list(worked_desks(self.person).values_list("pk", flat=True)) if self.person else []

    @cached_property
    def is_of_one_desk(self) -> bool:
        """Whether all tickets that are looked at are of one desk."""
        return self.at_work and len(self.worked) < 2

    @property
    def is_staff(self) -> bool:
        """Whether the asker works at any desk."""
        return self.sees_everything or bool(self.worked)

    @cached_property
    def tickets(self) -> QuerySet[Ticket]:
        """Every ticket that the asker may see: what is found is always a part of these (AB-51, AB-60)."""
        if self.person is None:
            return Ticket.objects.all()
        return tickets_at(self.worked) if self.at_work else visible_tickets(self.person)

    @cached_property
    def messages(self) -> QuerySet[Message]:
        """Every message whose words the asker may read, of tickets that they may see."""
        if self.person is None or self.sees_everything:
            return Message.objects.all()
        as_staff = Message.objects.filter(ticket__desk_id__in=self.worked)
        return as_staff if self.at_work else read_by(self.person) | as_staff

    def seen_by_staff(self, condition: Q) -> Q:
        """The condition where the asker is the ticket's staff; elsewhere it does not hold, as of an empty field."""
        return condition if self.is_staff_everywhere else condition & Q(desk_id__in=self.worked)

    def seen_desks(self) -> Q:
        """Of rows that belong to a desk: those of desks whose tickets the asker may see, and that are looked at."""
        if self.at_work and self.desks is not None:
            return Q(desk_id__in=self.desks)
        if self.sees_everything or self.person is None:
            return Q()
        return Q(desk_id__in=self.worked) | Q(desk__in=customer_tickets(self.person).values("desk"))

    def staffed_desks(self) -> Q:
        """Of rows that only a desk's staff knows: those of the desks where the asker works, and that are looked at."""
        if self.at_work and self.desks is not None:
            return Q(desk_id__in=self.desks)
        return Q() if self.sees_everything else Q(desk_id__in=self.worked)

    def seen_people(self) -> QuerySet[Person]:
        """People whom the asker may name: who else there is, nobody learns by asking (AB-47, AB-55)."""
        if self.sees_everything or self.person is None:
            return Person.objects.all()
        met = Participant.objects.filter(person=OuterRef("pk"), ticket__desk_id__in=self.worked)
        at_work = Ticket.objects.filter(desk_id__in=self.worked)
        # Who has left, or is an admin of the site, has tickets all the same.
        had = Q(Exists(at_work.filter(assignee=OuterRef("pk")))) | Q(Exists(at_work.filter(created_by=OuterRef("pk"))))
        colleague = Q(memberships__desk_id__in=self.worked) | had
        known = Q(pk=self.person.pk) | Q(Exists(met)) | colleague | Q(pk__in=acquaintances(self.person).values("pk"))
        return Person.objects.filter(known).distinct()

    def seen_organizations(self) -> QuerySet[Organization]:
        """Organisations that the asker may name: all for staff, else the own ones."""
        if self.is_staff or self.person is None:
            return Organization.objects.all()
        return Organization.objects.filter(members=self.person.pk)
