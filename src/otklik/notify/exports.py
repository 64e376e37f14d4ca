"""Makes the archives that people ask for about themselves, and lets them go again."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from otklik.core import blobs
from otklik.notify import account_words
from otklik.notify.account_mails import worded_mail
from otklik.people.models import DataExport
from otklik.tickets.personal import personal_archive

KIND = "export_ready"
DAYS = 7
PATH = "servicedesk/customer/user/profile/data"


def export_next() -> bool:
    """Make one archive that waits, or remove one that is too old; returns whether there was any."""
    with transaction.atomic():
        waiting = DataExport.objects.select_for_update(skip_locked=True, of=("self",)).filter(ready_at=None)
        row = waiting.select_related("person").order_by("asked_at").first()
        if row is not None:
            _make(row)
            return True
    return _remove_old()


def _make(row: DataExport) -> None:
    now = timezone.now()
    row.digest, row.size = personal_archive(row.person, now)
    row.ready_at, row.expires_at = now, now + timedelta(days=DAYS)
    row.save()
    if row.person.email:
        link = f"{settings.PUBLIC_URL}/{PATH}"
        worded_mail(
            person=row.person,
            recipient=row.person.email,
            kind=KIND,
            words=lambda: account_words.export_ready(link, DAYS),
            at=now,
            sensitive=False,
        )


def _remove_old() -> bool:
    row = DataExport.objects.filter(expires_at__lt=timezone.now()).first()
    if row is None:
        return False
    row.delete()
    if not DataExport.objects.filter(digest=row.digest).exists():
        blobs.path_of(row.digest).unlink(missing_ok=True)
    return True
