"""Queue that builds the archives people ask for, and deletes them when they expire."""

import logging
import time
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from otklik.core.locks import lock_first
from otklik.core.retry_queue import SingleRowQueue, note_failure
from otklik.core.row_isolation import piecemeal
from otklik.core.skipped_rows import PassedOver
from otklik.core.transient_errors import is_transient
from otklik.notify import account_texts
from otklik.notify.account_mails import worded_mail
from otklik.people.models import DataExport
from otklik.privacy.archive import personal_archive
from otklik.tickets.files_in_use import remove_unnamed

log = logging.getLogger("otklik.worker")

KIND = "export_ready"
DAYS = 7
# What could not be removed is retried after an hour: rows, and files whose row is gone.
_LEFT, _UNDROPPED = PassedOver(), dict[str, float]()
_REST_SECONDS = 3600.0
PATH = "servicedesk/customer/user/profile/data"


def export_next() -> bool:
    """Make one waiting archive, or remove an expired one; return whether there was any.

    Failures are retried with growing waits and finally given up, without blocking others.
    """
    return _ARCHIVES.next() or _remove_old() or _drop_again()


def _claim(now: datetime, but: Collection[int]) -> DataExport | None:
    waiting = DataExport.objects.filter(DataExport.may_be_tried(now), ready_at=None).exclude(pk__in=but)
    return lock_first(waiting.order_by("asked_at"), skip_locked=True)


def _make(export: DataExport, now: datetime) -> None:
    export.digest, export.size = personal_archive(export.person, now)
    export.ready_at, export.expires_at = now, now + timedelta(days=DAYS)
    export.save()
    if export.person.email:
        link = f"{settings.PUBLIC_URL}/{PATH}"
        worded_mail(
            person=export.person,
            recipient=export.person.email,
            kind=KIND,
            words=lambda: account_texts.export_ready(link, DAYS),
            at=now,
            sensitive=False,
        )


def _remove_old() -> bool:
    """Remove an expired archive; return whether one was removed. Failures are retried later."""
    old = _expired().exclude(pk__in=_LEFT.rows()).order_by("pk")
    for pk, digest in list(old.values_list("pk", "digest")):
        if piecemeal("archives of own data", [pk], _removed):
            # The row is deleted, so the file may be removed.
            _drop(digest)
            return True
        _LEFT.add(pk)
    return False


def _expired() -> QuerySet[DataExport]:
    return DataExport.objects.filter(expires_at__lt=timezone.now())


def _removed(pks: Sequence[int]) -> int:
    """Delete these rows, except those requested again meanwhile; return their number."""
    return _expired().filter(pk__in=pks).delete()[0]


def _drop(digest: str) -> None:
    """Remove the file unless something else refers to it. Failures are retried; after a restart, it is swept."""
    _UNDROPPED.pop(digest, None)
    try:
        if digest:
            remove_unnamed(digest, timezone.now())
    except OSError as error:
        _UNDROPPED[digest] = time.monotonic() + _REST_SECONDS
        if is_transient(error):
            raise
        log.exception("the archive %s cannot be removed", digest)


def _drop_again() -> bool:
    """Retry one file that is due; return whether there was one."""
    rested = next((digest for digest, until in list(_UNDROPPED.items()) if until <= time.monotonic()), None)
    if rested is not None:
        _drop(rested)
    return rested is not None


_ARCHIVES = SingleRowQueue("archives of own data", _claim, _make, note_failure)
