"""Poll all queues of a process for work from one thread, by prepared statements.

What is asked is wider than what is due, and asks no clock: a row that rests counts. The pump's own claim decides.
"""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import QuerySet

from otklik.core.fast_reads import fast_read
from otklik.journal.models import Event
from otklik.mail.models import InboundMail, OutboundMail
from otklik.notify.models import DigestEntry
from otklik.people.models import DataExport
from otklik.tickets.models import Approval, BulkRun, ListExport, PendingReply
from otklik.worker.pumps import PumpThread


def look(threads: Iterable[PumpThread]) -> None:
    """Wake the pumps whose queues may have work."""
    for thread in threads:
        if thread.pump.waits is not None and thread.pump.waits():
            thread.wake()


@fast_read()
def waiting_mail(*, slow: int) -> QuerySet[InboundMail, int]:
    """A waiting mail of this lane."""
    waiting = InboundMail.objects.filter(state=InboundMail.State.WAITING, slow=slow)
    return waiting.values_list("pk", flat=True)[:1]


@fast_read()
def unvouched_mail() -> QuerySet[InboundMail, int]:
    """A waiting mail whose DKIM signatures were not checked."""
    waiting = InboundMail.objects.filter(state=InboundMail.State.WAITING, signed_by=None)
    return waiting.values_list("pk", flat=True)[:1]


def mail_to_vouch_for() -> bool:
    """Return whether DKIM is checked here and there is a mail to check."""
    return settings.DKIM_CHECK and bool(unvouched_mail())


@fast_read()
def waiting_reply() -> QuerySet[PendingReply, int]:
    """A pending reply."""
    return PendingReply.objects.filter(state=PendingReply.State.WAITING).values_list("pk", flat=True)[:1]


@fast_read()
def active_bulk_run() -> QuerySet[BulkRun, int]:
    """A bulk run that is not finished."""
    states = [BulkRun.State.RUNNING, BulkRun.State.UNDOING]
    return BulkRun.objects.filter(state__in=states, failed_at=None).values_list("pk", flat=True)[:1]


@fast_read()
def undispatched_event() -> QuerySet[Event, int]:
    """An event that was neither dispatched nor given up."""
    return Event.objects.filter(dispatched_at=None, failed_at=None).values_list("pk", flat=True)[:1]


@fast_read()
def approval_to_remind_of() -> QuerySet[Approval, int]:
    """A pending approval without a reminder."""
    waiting = Approval.objects.filter(state=Approval.State.PENDING, reminded_at=None)
    return waiting.values_list("pk", flat=True)[:1]


@fast_read()
def digest_entry() -> QuerySet[DigestEntry, int]:
    """An entry for a daily mail."""
    return DigestEntry.objects.filter(failed_at=None).values_list("pk", flat=True)[:1]


@fast_read()
def own_data_export() -> QuerySet[DataExport, int]:
    """An archive of personal data to be made, or to be deleted later."""
    return DataExport.objects.filter(failed_at=None).values_list("pk", flat=True)[:1]


@fast_read()
def list_export() -> QuerySet[ListExport, int]:
    """A list export to be made."""
    return ListExport.objects.filter(ready_at=None, failed_at=None).values_list("pk", flat=True)[:1]


@fast_read()
def queued_mail() -> QuerySet[OutboundMail, int]:
    """A mail to be sent."""
    return OutboundMail.objects.filter(state=OutboundMail.State.QUEUED).values_list("pk", flat=True)[:1]
