"""What the worker tried in vain. Its queues go on without such a row, so somebody must be told."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from otklik.journal.models import Event
from otklik.mail.models import InboundMail, OutboundMail
from otklik.notify.models import DigestEntry
from otklik.people.models import DataExport
from otklik.tickets.models import Approval, PendingReply

# A first try may meet a trouble that passes by itself.
_FAILING = 3


@dataclass(frozen=True, slots=True)
class FailedQueue:
    """A queue, and how many of its rows stand given up, in words for Prometheus (`meaning`), `otklik doctor` (`what`)
    and /healthz (`warning`; "" where single ones are no news: the desk's own pages show them)."""

    name: str
    count: Callable[[], int]
    meaning: str
    what: str
    warning: str = ""


def _each(rows: QuerySet[DigestEntry]) -> int:
    return int(rows.aggregate(n=Count("person", distinct=True))["n"])


# Every queue of the worker; /metrics, `otklik doctor` and /healthz read this.
QUEUES: tuple[FailedQueue, ...] = (
    FailedQueue(
        "replies",
        lambda: PendingReply.objects.filter(failed_at__isnull=False, state=PendingReply.State.STOPPED).count(),
        "Replies that stayed back because of an error",
        "replies",
        "a reply was given up",
    ),
    FailedQueue(
        "reminders",
        lambda: Approval.objects.filter(failed_at__isnull=False, state=Approval.State.PENDING).count(),
        "Approvals nobody could be reminded of",
        "reminders",
        "a reminder of an approval was given up",
    ),
    FailedQueue(
        "events",
        lambda: Event.objects.filter(dispatched_at=None, attempts__gte=_FAILING).count(),
        "Events whose reactions fail again and again",
        "events' reactions",
        "the reactions to an event fail",
    ),
    FailedQueue(
        "digests",
        lambda: _each(DigestEntry.objects.filter(failed_at__isnull=False)),
        "Persons whose daily mail could not be written",
        "people's daily mails",
        "a daily mail was given up",
    ),
    FailedQueue(
        "exports",
        lambda: DataExport.objects.filter(failed_at__isnull=False).count(),
        "Persons whose data could not be collected",
        "people's data exports",
        "an archive of own data was given up",
    ),
    FailedQueue(
        "received_mails",
        lambda: InboundMail.objects.filter(state=InboundMail.State.FAILED).count(),
        "Received mails that could not be processed; each is a request that shows the original",
        "received mails",
    ),
    FailedQueue(
        "sent_mails",
        lambda: OutboundMail.objects.filter(state=OutboundMail.State.FAILED).count(),
        "Mails of ours that no server took",
        "mails of ours",
    ),
)


def failed_rows() -> dict[str, int]:
    """How many rows of each queue stand given up now, by the queue's name; until somebody sees to them."""
    return {queue.name: queue.count() for queue in QUEUES}


def failure_warnings() -> list[str]:
    """What /healthz says of them."""
    return [queue.warning for queue in QUEUES if queue.warning and queue.count()]
