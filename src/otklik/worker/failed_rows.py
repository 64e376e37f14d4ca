"""Report queue rows that the worker failed to process or has given up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from otklik.core.errors import UnableTo
from otklik.core.notify_channel import wake
from otklik.core.retry_queue import all_anew
from otklik.journal.models import Event
from otklik.journal.record import TOPIC as EVENTS
from otklik.mail.models import InboundMail, OutboundMail
from otklik.notify.models import DigestEntry
from otklik.people.commands.own_data import TOPIC as EXPORTS
from otklik.people.models import DataExport
from otklik.tickets.commands.bulk import TOPIC as BULK
from otklik.tickets.commands.list_export import TOPIC as LIST_EXPORTS
from otklik.tickets.models import Approval, BulkRun, ListExport, PendingReply
from otklik.worker.refusals import WorkerRefusal

# Earlier failures may be transient.
_FAILING = 3


@dataclass(frozen=True, slots=True)
class FailedQueue:
    """A queue of the worker, with the number of rows that were given up.

    `meaning`: the text for Prometheus, `what`: for `otklik doctor`, `warning`: for /healthz, "" if the desk's pages
    show such rows. `anew(at)` resets them and returns their number; None if people do that on pages. `topic`: the
    notification that wakes the queue's pump.
    """

    name: str
    count: Callable[[], int]
    meaning: str
    what: str
    warning: str = ""
    anew: Callable[[datetime], int] | None = None
    topic: str = ""


def _each(rows: QuerySet[DigestEntry]) -> int:
    return int(rows.aggregate(n=Count("person", distinct=True))["n"])


def _reminders() -> QuerySet[Approval]:
    return Approval.objects.filter(failed_at__isnull=False, state=Approval.State.PENDING)


def _runs() -> QuerySet[BulkRun]:
    return BulkRun.objects.filter(failed_at__isnull=False)


def _events() -> QuerySet[Event]:
    """Events given up, and those about to be, so that a fault is reported early."""
    return Event.objects.filter(Q(failed_at__isnull=False) | Q(attempts__gte=_FAILING), dispatched_at=None)


def _digests() -> QuerySet[DigestEntry]:
    return DigestEntry.objects.filter(failed_at__isnull=False)


def _exports() -> QuerySet[DataExport]:
    return DataExport.objects.filter(failed_at__isnull=False)


def _list_exports() -> QuerySet[ListExport]:
    """Without permanent failures, whose reason their owners see."""
    return ListExport.objects.filter(failed_at__isnull=False, trouble="")


def _digests_anew(at: datetime) -> int:
    count = _each(_digests())
    _digests().update(attempts=0, failed_at=None, due_at=at)
    return count


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
        "bulk",
        lambda: _runs().count(),
        "Acts on many requests that stand still because of an error",
        "acts on many requests",
        "an act on many requests was given up",
        lambda _at: all_anew(_runs()),
        BULK,
    ),
    FailedQueue(
        "reminders",
        lambda: _reminders().count(),
        "Approvals nobody could be reminded of",
        "reminders",
        "a reminder of an approval was given up",
        lambda _at: all_anew(_reminders()),
    ),
    FailedQueue(
        "events",
        lambda: _events().count(),
        "Events whose reactions fail again and again",
        "events' reactions",
        "the reactions to an event fail",
        lambda _at: all_anew(_events()),
        EVENTS,
    ),
    FailedQueue(
        "digests",
        lambda: _each(_digests()),
        "Persons whose daily mail could not be written",
        "people's daily mails",
        "a daily mail was given up",
        _digests_anew,
    ),
    FailedQueue(
        "exports",
        lambda: _exports().count(),
        "Persons whose data could not be collected",
        "people's data exports",
        "an archive of own data was given up",
        lambda _at: all_anew(_exports()),
        EXPORTS,
    ),
    FailedQueue(
        "list_exports",
        lambda: _list_exports().count(),
        "Files of lists that could not be made",
        "files of lists",
        "a file of a list was given up",
        lambda _at: all_anew(_list_exports()),
        LIST_EXPORTS,
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
    """Return the number of given-up rows by queue."""
    return {queue.name: queue.count() for queue in QUEUES}


def failure_warnings() -> list[str]:
    """Return the warnings for /healthz."""
    return [queue.warning for queue in QUEUES if queue.warning and queue.count()]


class UnableToTryAgain(UnableTo):
    """There is no such queue, or its rows are retried on pages."""


def try_again(name: str, at: datetime) -> int:
    """Reset the given-up rows of a queue; return their number. Raises UnableToTryAgain."""
    queue = next((queue for queue in QUEUES if queue.name == name and queue.anew is not None), None)
    if queue is None or queue.anew is None:
        known = ", ".join(queue.name for queue in QUEUES if queue.anew is not None)
        raise UnableToTryAgain(WorkerRefusal.QUEUE_UNKNOWN, name=name, known=known)
    with transaction.atomic():
        count = queue.anew(at)
        if count and queue.topic:
            wake(queue.topic)
    return count
