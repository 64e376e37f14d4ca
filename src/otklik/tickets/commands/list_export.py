"""Request an export of a list, and cancel it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from otklik.core.errors import UnableTo
from otklik.core.locks import lock
from otklik.core.notify_channel import wake
from otklik.journal.record import record
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.list_export_events import ListExportAsked, ListExportDropped
from otklik.tickets.models import ListExport
from otklik.tickets.refusals import TicketRefusal

TOPIC = "list_exports"
KEPT = timedelta(days=1)
MOST_WAITING, MOST_KEPT = 3, 10


class UnableToExport(UnableTo):
    """The export cannot be requested now; the refusal code says why."""


def ask_for_list_export(
    *, actor: Actor, at: datetime, person: Person, jql: str, kind: ListExport.Kind, columns: Sequence[str],
    answers: bool, language: str, time_zone: str,
) -> ListExport:  # fmt: skip
    """Queue an export of the tickets that the filter finds for the person.

    Keeps the last MOST_KEPT exports. The caller has validated `jql`. Raises UnableToExport while MOST_WAITING are being
    made.
    """
    with transaction.atomic():
        lock(Person, person.pk, weakly=True)
        known = ListExport.objects.filter(person=person)
        if known.filter(ready_at=None, failed_at=None, expires_at__gt=at).count() >= MOST_WAITING:
            raise UnableToExport(TicketRefusal.EXPORTS_UNDER_WAY, most=MOST_WAITING)
        export = ListExport.objects.create(
            person=person, jql=jql, kind=kind, columns=list(columns), answers=answers, language=language,
            time_zone=time_zone, asked_at=at, expires_at=at + KEPT,
        )  # fmt: skip
        newest = known.order_by("-pk").values_list("pk", flat=True)[:MOST_KEPT]
        known.exclude(pk__in=list(newest)).delete()
        record(ListExportAsked(export=export.pk, jql=jql), about=person.pk, by=actor, at=at)
        wake(TOPIC)
    return export


def drop_list_export(*, actor: Actor, at: datetime, export: ListExport) -> None:
    """Delete an export; one that is being made is cancelled. Raises core.locks.Gone."""
    with transaction.atomic():
        known = lock(ListExport, export.pk)
        record(ListExportDropped(export=known.pk), about=known.person_id, by=actor, at=at)
        known.delete()
