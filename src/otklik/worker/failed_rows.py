"""What the worker tried in vain. Its queues go on without such a row, so somebody must be told."""

from dataclasses import astuple, dataclass

from django.db.models import Count

from otklik.journal.models import Event
from otklik.notify.models import DigestEntry
from otklik.people.models import DataExport
from otklik.tickets.models import Approval, PendingReply

# A first try may meet a trouble that passes by itself.
_FAILING = 3


@dataclass(frozen=True, slots=True)
class FailedRows:
    """How many of each: replies held back by an error, reminders of approvals, events that fail again and again,
    persons whose daily mail or whose own data could not be made."""

    replies: int
    reminders: int
    events: int
    digests: int
    exports: int

    def __bool__(self) -> bool:
        return any(astuple(self))


def failed_rows() -> FailedRows:
    """What stands given up now. Replies and reminders are counted until somebody sees to them."""
    digests = DigestEntry.objects.filter(failed_at__isnull=False).aggregate(n=Count("person", distinct=True))
    return FailedRows(
        replies=PendingReply.objects.filter(failed_at__isnull=False, state=PendingReply.State.STOPPED).count(),
        reminders=Approval.objects.filter(failed_at__isnull=False, state=Approval.State.PENDING).count(),
        events=Event.objects.filter(dispatched_at=None, attempts__gte=_FAILING).count(),
        digests=digests["n"],
        exports=DataExport.objects.filter(failed_at__isnull=False).count(),
    )
