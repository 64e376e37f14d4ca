"""A backlog for the worker, while pages that show it are measured."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.utils import timezone

from otklik.core.retry_schedule import WAITS
from otklik.people.models import Person
from otklik.tickets.access import worked_tickets
from otklik.tickets.models import BulkItem, BulkRun, ListExport

_COUNT = 200


@dataclass(frozen=True)
class Waits:
    """The person, and the id of the bulk run."""

    person: Person
    run: int


@contextmanager
def waits_for_ever(person: Person) -> Iterator[Waits]:
    """Create a started bulk run of 200 tickets and a list export, which no worker takes during the block.

    They look like failed attempts to be retried in an hour. Both are deleted afterwards.
    """
    at = timezone.now()
    tried = {"attempts": len(WAITS), "retry_at": at + WAITS[-1]}
    run = BulkRun.objects.create(
        person=person, state=BulkRun.State.RUNNING, act="labels", prepared_at=at, started_at=at, **tried
    )
    tickets = worked_tickets(person).order_by("-id").values_list("pk", flat=True)[:_COUNT]
    BulkItem.objects.bulk_create(BulkItem(run=run, ticket_id=pk, position=n) for n, pk in enumerate(tickets))
    export = ListExport.objects.create(person=person, kind="csv", asked_at=at, expires_at=at + WAITS[-1] * 2, **tried)
    try:
        yield Waits(person, run.pk)
    finally:
        export.delete()
        run.delete()
