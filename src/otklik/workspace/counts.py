"""How much is in every queue: one statement, and no row is read beyond what a person cares to know."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from otklik.core.fast_reads import Counted, fast_read
from otklik.desks.desk_snapshot import DeskParts, QueueLine, StatusLine
from otklik.mail.models import InboundMail
from otklik.mail.queries import for_a_person
from otklik.people.models import Person
from otklik.tickets.access import tickets_at
from otklik.tickets.models import Ticket
from otklik.tickets.search.filters import narrow

COUNTED = 999
MAILS_COUNTED = 99
# PostgreSQL takes 1,664 columns.
_MOST_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Counts:
    """By queue and by desk; COUNTED + 1 and MAILS_COUNTED + 1 mean "more"."""

    queues: dict[int, int] = field(default_factory=dict)
    mails: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QueueRead:
    """Tickets of a desk, as an argument that chooses a statement; `criteria` as JSON."""

    id: int
    desk: int
    criteria: str
    statuses: tuple[StatusLine, ...]

    def tickets(self, person: Person) -> QuerySet[Ticket]:
        """What is in the queue for this person, who works at the desk; unsorted."""
        return narrow(tickets_at([self.desk]), json.loads(self.criteria), person, self.statuses)

    def rows(self, person: Person) -> QuerySet[Any, Any]:
        return self.tickets(person).order_by().values("pk")[: COUNTED + 1]


@dataclass(frozen=True, slots=True)
class _Mails:
    """Mails of a desk that wait for a person."""

    id: int
    mailboxes: tuple[int, ...]

    def rows(self, _person: Person) -> QuerySet[Any, Any]:
        mails = InboundMail.objects.filter(for_a_person(), mailbox__in=self.mailboxes)
        return mails.order_by().values("pk")[: MAILS_COUNTED + 1]


def counted(person: Person, parts: Mapping[int, DeskParts]) -> Counts:
    """Count the queues and the mails that wait for a person of these desks, which the person works at."""
    what = tuple(_what(parts))
    numbers = list[int]()
    for start in range(0, len(what), _MOST_AT_ONCE):
        (row,) = _numbers(person=person.pk, what=what[start : start + _MOST_AT_ONCE])
        numbers += row
    pairs = list(zip(what, numbers, strict=True))
    return Counts(
        {counted_thing.id: number for counted_thing, number in pairs if isinstance(counted_thing, QueueRead)},
        {counted_thing.id: number for counted_thing, number in pairs if isinstance(counted_thing, _Mails)},
    )


# How many tickets have a status, or nobody assigned, decides how they are best counted: planned for each run.
@fast_read("person", plan_once=False)
def _numbers(*, person: int, what: tuple[QueueRead | _Mails, ...]) -> QuerySet[Person, tuple[int, ...]]:
    """How many there are of each thing in `what`, in its order: one row of numbers."""
    rows = [Counted(counted_thing.rows(Person(pk=person))) for counted_thing in what]
    return Person.objects.filter(pk=person).values_list(*rows)


def changed(
    person: Person, desk: int, parts: DeskParts, queue: QueueLine, since: datetime, most: int
) -> list[tuple[int, datetime]]:
    """The tickets of the queue that changed after `since`, newest first, at most so many: ids and times. The person
    works at the desk. One statement."""
    where = queue_read(desk, parts, queue)
    return _changed(person=person.pk, since=since, where=where, most=most)


@fast_read("person", "since", plan_once=False)
def _changed(*, person: int, since: datetime, where: QueueRead, most: int) -> QuerySet[Any, tuple[int, datetime]]:
    """What changed in a queue after `since`, the newest first."""
    newest = where.tickets(Person(pk=person)).filter(updated_at__gt=since).order_by("-updated_at", "id")
    return newest.values_list("pk", "updated_at")[:most]


def queue_read(desk: int, parts: DeskParts, queue: QueueLine) -> QueueRead:
    """The queue as fast reads take it."""
    return QueueRead(queue.id, desk, json.dumps(queue.criteria, sort_keys=True), parts.statuses)


def _what(parts: Mapping[int, DeskParts]) -> Iterator[QueueRead | _Mails]:
    for desk, made_of in parts.items():
        for queue in made_of.queues:
            yield queue_read(desk, made_of, queue)
        if made_of.mailboxes:
            yield _Mails(desk, made_of.mailboxes)
