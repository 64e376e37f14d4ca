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
from otklik.core.statement_timeout import StatementTimedOut, each_statement_within
from otklik.desks.desk_snapshot import DeskParts
from otklik.desks.models import QueueChoice
from otklik.mail.models import InboundMail
from otklik.mail.queries import for_a_person
from otklik.people.models import Person
from otklik.tickets.models import Ticket
from otklik.workspace.full_queues import FULL
from otklik.workspace.queue_reads import BrokenQueue, QueueRead
from otklik.workspace.slow_queues import SLOW

COUNTED = 999
MAILS_COUNTED = 99
# Tickets on a page of a list.
PAGE = 50
# Time limit for the queues that are not quick: first for all together, then for each alone.
COUNTING = timedelta(milliseconds=400)
# Time limit for finding out which of them are slow.
LOOKING = timedelta(seconds=1)
# PostgreSQL allows 1,664 columns in a result.
_MOST_AT_ONCE = 1000


@dataclass(slots=True)
class Counts:
    """Numbers for the sidebar: tickets by queue id, mails by desk id.

    COUNTED + 1 and MAILS_COUNTED + 1 mean "more". A queue has no number if counting it took too long or its text cannot
    be read (`broken`: queue id to error). `starred`: ids of starred queues in the person's order.
    """

    queues: dict[int, int] = field(default_factory=dict)
    mails: dict[int, int] = field(default_factory=dict)
    broken: dict[int, UnableTo] = field(default_factory=dict)
    starred: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Mails:
    """The mails of a desk that a person has to look at, as something to count."""

    id: int
    mailboxes: tuple[int, ...]

    def rows(self, _person: Person) -> QuerySet[Any, Any]:
        mails = InboundMail.objects.filter(for_a_person(), mailbox__in=self.mailboxes)
        return mails.order_by().values("pk")[: MAILS_COUNTED + 1]


def count_queues(
    person: Person, parts: Mapping[int, DeskParts], reads: Iterable[QueueRead | BrokenQueue], at: datetime
) -> Counts:
    """Count the tickets of these queues, and the mails that people of these desks have to look at.

    The person works at all of the desks; this is not checked. One statement for quick queues and mails, one more for
    all other queues, or one for each of those if that took too long.
    Queues that were full within the last seconds are not counted again.
    """
    counts, read = Counts(), list(reads)
    counts.broken = {queue.id: queue.error for queue in read if isinstance(queue, BrokenQueue)}
    readable = [queue for queue in read if isinstance(queue, QueueRead) and not SLOW.has(person.pk, queue)]
    quick = [queue for queue in readable if queue.quick]
    full = FULL.among(person.pk, quick)
    counts.queues.update((queue.id, COUNTED + 1) for queue in full)
    _count_quick(person, [queue for queue in quick if queue not in full] if full else quick, parts, counts)
    if not full:
        FULL.note(person.pk, [queue for queue in quick if counts.queues[queue.id] > COUNTED])
    _count_others(person, [queue for queue in readable if not queue.quick], at, counts)
    return counts


def _count_quick(person: Person, queues: list[QueueRead], parts: Mapping[int, DeskParts], counts: Counts) -> None:
    mails = [_Mails(desk, made_of.mailboxes) for desk, made_of in parts.items() if made_of.mailboxes]
    what: tuple[QueueRead | _Mails, ...] = (*queues, *mails)
    began = time.perf_counter()
    for start in range(0, max(1, len(what)), _MOST_AT_ONCE):
        chunk = what[start : start + _MOST_AT_ONCE]
        (row,) = _numbers(person=person.pk, what=chunk)
        *numbers, starred = row
        counts.starred = [line["queue"] for line in starred]
        for counted_thing, number in zip(chunk, numbers, strict=True):
            of_kind = counts.queues if isinstance(counted_thing, QueueRead) else counts.mails
            of_kind[counted_thing.id] = number
    if time.perf_counter() - began > COUNTING.total_seconds():
        _find_slow(person, queues, datetime.now().astimezone())


# The best plan depends on how many tickets match, so it is made anew for each run.
@fast_read("person", plan_once=False)
def _numbers(*, person: int, what: tuple[QueueRead | _Mails, ...]) -> QuerySet[Person, tuple[Any, ...]]:
    """Return one row: the number of rows of each item in `what`, in its order, and the person's starred queues."""
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
    """Return the ids of up to COUNTED + 1 tickets, in no order; the last one tells that there are more."""
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
    except StatementTimedOut:
        counts.queues.update(_each_by_itself(person, rows))


def _asked(
    person: Person, queues: Iterable[QueueRead], at: datetime, counts: Counts
) -> Iterator[tuple[QueueRead, QuerySet[Any, Any]]]:
    """Yield each queue with the rows to count; note queues whose statement cannot be built in `counts.broken`."""
    for queue in queues:
        try:
            yield queue, _some(queue, person, at)
        except UnableTo as error:
            counts.broken[queue.id] = error


def _each_by_itself(person: Person, rows: Mapping[QueueRead, QuerySet[Any, Any]]) -> Iterator[tuple[int, int]]:
    """Yield (queue id, count) for each queue, until LOOKING is over.

    Queues not reached have no number and are counted for the next page. Queues that exceed COUNTING, alone or in sum,
    go to SLOW, so that the next pages do not wait for them again.
    """
    began, counting = time.perf_counter(), 0.0
    for queue, tickets in rows.items():
        this_began = time.perf_counter()
        if this_began - began > LOOKING.total_seconds():
            return
        try:
            with each_statement_within(COUNTING):
                yield queue.id, tickets.count()
        except StatementTimedOut:
            SLOW.add(person.pk, queue)
            continue
        counting += time.perf_counter() - this_began
        if counting > COUNTING.total_seconds():
            SLOW.add(person.pk, queue)


def _find_slow(person: Person, queues: Iterable[QueueRead], at: datetime) -> None:
    """Mark as slow those of the queues that made counting all of them take too long."""
    rows = dict(_asked(person, queues, at, Counts()))
    for _queue in _each_by_itself(person, rows):
        pass


def changed_since(
    person: Person, queue: QueueRead, since: datetime, most: int, at: datetime
) -> list[tuple[int, datetime]]:
    """Return up to `most` (ticket id, time) of the queue changed after `since`, newest first.

    The person works at its desks; this is not checked. One statement. Raises UnableTo.
    """
    if queue.quick:
        return _changed(person=person.pk, since=since, where=queue, most=most)
    with each_statement_within(COUNTING):
        return list(_newest(queue.tickets(person, at), since, most))


def first_shown(person: Person, queue: QueueRead, order: str, at: datetime) -> list[tuple[int, datetime]]:
    """Return (ticket id, time of change) for the first page of a queue. Raises UnableTo."""
    with each_statement_within(COUNTING):
        return list(queue.tickets(person, at, order=order).values_list("pk", "updated_at")[:PAGE])


@fast_read("person", "since", plan_once=False)
def _changed(*, person: int, since: datetime, where: QueueRead, most: int) -> QuerySet[Any, tuple[int, datetime]]:
    """Return the rows of `changed` for a quick queue."""
    return _newest(where.tickets(Person(pk=person)), since, most)


def _newest(tickets: QuerySet[Ticket], since: datetime, most: int) -> QuerySet[Any, tuple[int, datetime]]:
    newest = tickets.filter(updated_at__gt=since).order_by("-updated_at", "id")
    return newest.values_list("pk", "updated_at")[:most]
