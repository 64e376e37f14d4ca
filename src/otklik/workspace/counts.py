"""How much is in every queue: no row is read beyond what a person cares to know, and no queue takes long."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import QuerySet
from django.db.models.functions import JSONObject

from otklik.core.errors import UnableTo
from otklik.core.fast_reads import Counted, fast_read
from otklik.core.statement_timeout import TookTooLong, each_statement_within
from otklik.desks.desk_snapshot import DeskParts
from otklik.desks.models import QueueChoice
from otklik.mail.models import InboundMail
from otklik.mail.queries import for_a_person
from otklik.people.models import Person
from otklik.tickets.models import Ticket
from otklik.workspace.queue_reads import BrokenQueue, QueueRead
from otklik.workspace.slow_queues import SLOW

COUNTED = 999
MAILS_COUNTED = 99
# How many requests a page of a list shows.
PAGE = 50
# For the queues that are no quick ones: all of them at once, and each by itself where that took longer.
COUNTING = timedelta(milliseconds=400)
# For finding out which of them take long.
LOOKING = timedelta(seconds=1)
# PostgreSQL takes 1,664 columns.
_MOST_AT_ONCE = 1000


@dataclass(slots=True)
class Counts:
    """By queue and by desk; COUNTED + 1 and MAILS_COUNTED + 1 mean "more". A queue that takes too long to count, or
    cannot be read (`broken`), has no number. `starred`: ids of queues in the person's order."""

    queues: dict[int, int] = field(default_factory=dict)
    mails: dict[int, int] = field(default_factory=dict)
    broken: dict[int, UnableTo] = field(default_factory=dict)
    starred: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Mails:
    """Mails of a desk that wait for a person."""

    id: int
    mailboxes: tuple[int, ...]

    def rows(self, _person: Person) -> QuerySet[Any, Any]:
        mails = InboundMail.objects.filter(for_a_person(), mailbox__in=self.mailboxes)
        return mails.order_by().values("pk")[: MAILS_COUNTED + 1]


def counted(
    person: Person, parts: Mapping[int, DeskParts], reads: Iterable[QueueRead | BrokenQueue], at: datetime
) -> Counts:
    """Count these queues, and the mails that wait for a person of these desks, which the person works at.

    One statement, unless there are queues that are not quick: these are counted by one more, or by one each."""
    counts, read = Counts(), list(reads)
    counts.broken = {queue.id: queue.error for queue in read if isinstance(queue, BrokenQueue)}
    readable = [queue for queue in read if isinstance(queue, QueueRead) and not SLOW.has(person.pk, queue)]
    _count_quick(person, [queue for queue in readable if queue.quick], parts, counts)
    _count_others(person, [queue for queue in readable if not queue.quick], at, counts)
    return counts


def _count_quick(person: Person, queues: list[QueueRead], parts: Mapping[int, DeskParts], counts: Counts) -> None:
    mails = [_Mails(desk, made_of.mailboxes) for desk, made_of in parts.items() if made_of.mailboxes]
    what: tuple[QueueRead | _Mails, ...] = (*queues, *mails)
    began = time.perf_counter()
    for start in range(0, max(1, len(what)), _MOST_AT_ONCE):
        some = what[start : start + _MOST_AT_ONCE]
        (row,) = _numbers(person=person.pk, what=some)
        *numbers, starred = row
        counts.starred = [line["queue"] for line in starred]
        for counted_thing, number in zip(some, numbers, strict=True):
            of_kind = counts.queues if isinstance(counted_thing, QueueRead) else counts.mails
            of_kind[counted_thing.id] = number
    if time.perf_counter() - began > COUNTING.total_seconds():
        _find_slow(person, queues, datetime.now().astimezone())


# How many tickets have a status, or nobody assigned, decides how they are best counted: planned for each run.
@fast_read("person", plan_once=False)
def _numbers(*, person: int, what: tuple[QueueRead | _Mails, ...]) -> QuerySet[Person, tuple[Any, ...]]:
    """How many there are of each thing in `what`, in its order, and the person's starred queues: one row."""
    rows = [Counted(_some(counted_thing, Person(pk=person))) for counted_thing in what]
    starred = QueueChoice.objects.filter(person=person, starred=True).order_by("position", "id")
    choices = ArraySubquery(starred.values(line=JSONObject(queue="queue_id")))
    return Person.objects.filter(pk=person).values_list(*rows, choices)


def _some(counted_thing: QueueRead | _Mails, person: Person, at: datetime | None = None) -> QuerySet[Any, Any]:
    if isinstance(counted_thing, _Mails):
        return counted_thing.rows(person)
    tickets = counted_thing.tickets(person, at) if at else counted_thing.tickets(person)
    return first_ids(tickets)


def first_ids(tickets: QuerySet[Ticket]) -> QuerySet[Any, Any]:
    """Ids of as many tickets as are counted, and one more to tell that there are more."""
    return tickets.order_by().values("pk")[: COUNTED + 1]


def _count_others(person: Person, queues: list[QueueRead], at: datetime, counts: Counts) -> None:
    rows = dict(_asked(person, queues, at, counts))
    if not rows:
        return
    try:
        with each_statement_within(COUNTING):
            columns = [Counted(tickets) for tickets in rows.values()]
            (numbers,) = Person.objects.filter(pk=person.pk).values_list(*columns)
        counts.queues.update(zip((queue.id for queue in rows), numbers, strict=True))
    except TookTooLong:
        counts.queues.update(_each_by_itself(person, rows))


def _asked(
    person: Person, queues: Iterable[QueueRead], at: datetime, counts: Counts
) -> Iterator[tuple[QueueRead, QuerySet[Any, Any]]]:
    """What is to be counted of each; what cannot be asked is noted as broken."""
    for queue in queues:
        try:
            yield queue, _some(queue, person, at)
        except UnableTo as error:
            counts.broken[queue.id] = error


def _each_by_itself(person: Person, rows: Mapping[QueueRead, QuerySet[Any, Any]]) -> Iterator[tuple[int, int]]:
    """As many as there is time for; what is not reached has no number, and is tried with the next page. Whatever is
    beyond what all together may take is not counted for some minutes, so that no later page looks for slow ones."""
    began, counting = time.perf_counter(), 0.0
    for queue, tickets in rows.items():
        this_began = time.perf_counter()
        if this_began - began > LOOKING.total_seconds():
            return
        try:
            with each_statement_within(COUNTING):
                yield queue.id, tickets.count()
        except TookTooLong:
            SLOW.add(person.pk, queue)
            continue
        counting += time.perf_counter() - this_began
        if counting > COUNTING.total_seconds():
            SLOW.add(person.pk, queue)


def _find_slow(person: Person, queues: Iterable[QueueRead], at: datetime) -> None:
    """All together took long: the ones that do are not counted for some minutes."""
    rows = dict(_asked(person, queues, at, Counts()))
    for _queue in _each_by_itself(person, rows):
        pass


def changed(person: Person, queue: QueueRead, since: datetime, most: int, at: datetime) -> list[tuple[int, datetime]]:
    """The tickets of the queue that changed after `since`, newest first, at most so many: ids and times. The person
    works at its desks. One statement. Raises UnableTo."""
    if queue.quick:
        return _changed(person=person.pk, since=since, where=queue, most=most)
    with each_statement_within(COUNTING):
        return list(_newest(queue.tickets(person, at), since, most))


def first_shown(person: Person, queue: QueueRead, order: str, at: datetime) -> list[tuple[int, datetime]]:
    """The ids and times of the first page of a queue. Raises UnableTo."""
    with each_statement_within(COUNTING):
        return list(queue.tickets(person, at, order=order).values_list("pk", "updated_at")[:PAGE])


@fast_read("person", "since", plan_once=False)
def _changed(*, person: int, since: datetime, where: QueueRead, most: int) -> QuerySet[Any, tuple[int, datetime]]:
    """What changed in a queue after `since`, the newest first."""
    return _newest(where.tickets(Person(pk=person)), since, most)


def _newest(tickets: QuerySet[Ticket], since: datetime, most: int) -> QuerySet[Any, tuple[int, datetime]]:
    newest = tickets.filter(updated_at__gt=since).order_by("-updated_at", "id")
    return newest.values_list("pk", "updated_at")[:most]
