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
    """The ids of all desks where somebody works, and of their statuses (id, category) and priorities (id, level)."""

    desks: tuple[int, ...]
    categories: tuple[tuple[int, str], ...]
    levels: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Asker:
    """The person a query is run for, and their rights; `person` None: the site, which sees everything.

    `at_work`: only tickets of the desks where the person works are searched. `desks`: those desks, if the caller knows
    them or restricts the search to some. `catalogue`: the named rows of these desks, if the caller has them; names in
    the text are then ids, as in its stored form. `workplace`: the person's, if the caller has loaded it. Results of
    queries are cached on the object.
    """

    person: Person | None
    at: datetime
    at_work: bool = False
    desks: tuple[int, ...] | None = None
    catalogue: Catalogue | None = None
    workplace: Workplace | None = None

    def once(self, key: Hashable, read: Callable[[], _Read]) -> _Read:
        """Return the cached result for this key, calling `read` at first use."""
        memory: dict[Hashable, _Read] = vars(self).setdefault("_read", {})
        if key not in memory:
            memory[key] = read()
        return memory[key]

    def has_cached(self, key: Hashable) -> bool:
        """Whether `once` was called with this key."""
        return key in vars(self).get("_read", {})

    @cached_property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The person's time zone, or the site's."""
        try:
            return zoneinfo.ZoneInfo((self.person and self.person.time_zone) or settings.TIME_ZONE)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            return zoneinfo.ZoneInfo(settings.TIME_ZONE)

    @property
    def sees_everything(self) -> bool:
        """Whether the asker is the site or an active administrator."""
        return self.person is None or (self.person.is_admin and self.person.is_active)

    @property
    def is_staff_everywhere(self) -> bool:
        """Whether the asker is staff of every ticket that is searched."""
        return self.at_work or self.sees_everything

    @cached_property
    def worked(self) -> list[int]:
        """Ids of the desks whose staff the asker is. Do not use where `sees_everything`."""
        if self.desks is not None:
            return list(self.desks)
        if self.workplace is not None:
            return list(self.workplace.desks)
        return list(worked_desks(self.person).values_list("pk", flat=True)) if self.person else []

    @cached_property
    def is_of_one_desk(self) -> bool:
        """Whether all tickets that are searched belong to one desk."""
        return self.at_work and len(self.worked) < 2

    @property
    def levels(self) -> tuple[tuple[int, int], ...]:
        """The ids and levels of the priorities of all tickets searched; empty if the caller has not loaded them."""
        if not self.at_work:
            return ()
        if self.catalogue is not None:
            return tuple((row.pk, row.level) for row in self.catalogue.priorities)
        return self.workplace.levels if self.workplace is not None and self.desks is None else ()

    @property
    def is_staff(self) -> bool:
        """Whether the asker works at any desk."""
        return self.sees_everything or bool(self.worked)

    @cached_property
    def tickets(self) -> QuerySet[Ticket]:
        """All tickets that the asker may see; results are always a subset of these (AB-51, AB-60)."""
        if self.person is None:
            return Ticket.objects.all()
        return tickets_at(self.worked) if self.at_work else visible_tickets(self.person)

    @cached_property
    def messages(self) -> QuerySet[Message]:
        """All messages that the asker may read, of tickets that they may see."""
        if self.person is None or self.sees_everything:
            return Message.objects.all()
        as_staff = Message.objects.filter(ticket__desk_id__in=self.worked)
        return as_staff if self.at_work else read_by(self.person) | as_staff

    def seen_by_staff(self, condition: Q) -> Q:
        """The condition for tickets whose staff the asker is; for others it is false, as for an empty field."""
        return condition if self.is_staff_everywhere else condition & Q(desk_id__in=self.worked)

    def seen_desks(self) -> Q:
        """A condition on rows of desks: desks that are searched and whose tickets the asker may see."""
        if self.at_work and self.desks is not None:
            return Q(desk_id__in=self.desks)
        if self.sees_everything or self.person is None:
            return Q()
        return Q(desk_id__in=self.worked) | Q(desk__in=customer_tickets(self.person).values("desk"))

    def staffed_desks(self) -> Q:
        """A condition on rows that only a desk's staff may know: desks that are searched and whose staff the asker
        is."""
        if self.at_work and self.desks is not None:
            return Q(desk_id__in=self.desks)
        return Q() if self.sees_everything else Q(desk_id__in=self.worked)

    def seen_people(self) -> QuerySet[Person]:
        """People whom the asker may name, so that queries cannot be used to find out who exists (AB-47, AB-55)."""
        if self.sees_everything or self.person is None:
            return Person.objects.all()
        met = Participant.objects.filter(person=OuterRef("pk"), ticket__desk_id__in=self.worked)
        at_work = Ticket.objects.filter(desk_id__in=self.worked)
        # Former members and site administrators may have tickets without being members.
        had = Q(Exists(at_work.filter(assignee=OuterRef("pk")))) | Q(Exists(at_work.filter(created_by=OuterRef("pk"))))
        colleague = Q(memberships__desk_id__in=self.worked) | had
        known = Q(pk=self.person.pk) | Q(Exists(met)) | colleague | Q(pk__in=acquaintances(self.person).values("pk"))
        return Person.objects.filter(known).distinct()

    def seen_organizations(self) -> QuerySet[Organization]:
        """Organizations that the asker may name: all of them for staff, otherwise the asker's own."""
        if self.is_staff or self.person is None:
            return Organization.objects.all()
        return Organization.objects.filter(members=self.person.pk)
