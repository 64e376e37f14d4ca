"""Ask for an archive of one's own data, or for erasure, and withdraw that (section 5 of the security catalogue)."""

from datetime import datetime, timedelta

from django.db import transaction

from otklik.core.due_times import SKEW
from otklik.core.errors import UnableTo
from otklik.core.locks import lock
from otklik.core.notify_channel import wake
from otklik.journal.record import record
from otklik.people.actor import Actor
from otklik.people.events import ErasureAsked, ErasureTakenBack, ExportAsked
from otklik.people.models import DataExport, ErasureRequest, Person
from otklik.people.refusals import PersonRefusal

TOPIC = "exports"
GRACE = timedelta(hours=72)


class UnableToAsk(UnableTo):
    """The export cannot be requested now; the refusal code says why."""


def ask_for_export(*, actor: Actor, at: datetime, person: Person) -> DataExport:
    """Queue an archive of the person's data for the worker. Raises UnableToAsk while one is being made.

    An archive that has been pending for an hour is requested anew.
    """
    with transaction.atomic():
        lock(Person, person.pk)
        known = DataExport.objects.filter(person=person).first()
        is_made = known is not None and known.ready_at is None and known.failed_at is None
        if is_made and known is not None and -SKEW <= at - known.asked_at < timedelta(hours=1):
            raise UnableToAsk(PersonRefusal.EXPORT_UNDER_WAY)
        blank = {"asked_at": at, "ready_at": None, "expires_at": None, "digest": "", "size": 0}
        blank |= {"attempts": 0, "retry_at": None, "failed_at": None}
        export, _new = DataExport.objects.update_or_create(person=person, defaults=blank)
        record(ExportAsked(), about=person.pk, by=actor, at=at)
        wake(TOPIC)
    return export


def ask_for_erasure(*, actor: Actor, at: datetime, person: Person) -> ErasureRequest:
    """Create an erasure request for the administrators, due after the grace period. Idempotent."""
    with transaction.atomic():
        wish, new = ErasureRequest.objects.get_or_create(person=person, defaults={"asked_at": at, "due_at": at + GRACE})
        if new:
            record(ErasureAsked(), about=person.pk, by=actor, at=at)
    return wish


def take_erasure_back(*, actor: Actor, at: datetime, person: Person) -> None:
    """Withdraw the pending erasure request. Raises UnableToAsk if there is none."""
    with transaction.atomic():
        count, _each = ErasureRequest.objects.filter(person=person, done_at=None).delete()
        if not count:
            raise UnableToAsk(PersonRefusal.NOTHING_TO_TAKE_BACK)
        record(ErasureTakenBack(), about=person.pk, by=actor, at=at)
