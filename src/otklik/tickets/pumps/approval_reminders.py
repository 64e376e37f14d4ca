"""The pump that sends approval reminders."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, QuerySet, Value

from otklik.core.locks import lock_first
from otklik.core.retry_queue import SingleRowQueue, note_failure
from otklik.tickets.commands.approve import remind_approval
from otklik.tickets.models import Approval

_AT_ONCE = 50
_DAY = Value(timedelta(days=1), output_field=DurationField())


def remind_next(at: datetime | None = None) -> bool:
    """Send the reminder of the approval that has waited longest, if one is due `at` (default: now).

    Returns whether there was one. Failed reminders are retried with growing waits and finally given up.
    """
    return _REMINDERS.next(at)


def _claim(now: datetime, but: Collection[int]) -> Approval | None:
    due = Approval.objects.filter(Approval.may_be_tried(now), pk__in=list(_due(now, but)), state=Approval.State.PENDING)
    return lock_first(due.filter(reminded_at=None).order_by("asked_at", "id"), skip_locked=True)


def _remind(approval: Approval, now: datetime) -> None:
    remind_approval(at=now, approval=approval)


def _due(now: datetime, but: Collection[int]) -> QuerySet[Approval, int]:
    """Ids of the approvals due for a reminder, the oldest first, except those in `but`."""
    days = F("ticket__desk__approval_reminder_days")
    time = ExpressionWrapper(days * _DAY, output_field=DurationField())
    due = ExpressionWrapper(F("asked_at") + time, output_field=DateTimeField())
    waiting = Approval.objects.filter(
        Approval.may_be_tried(now), state=Approval.State.PENDING, reminded_at=None, ticket__closed_at=None
    )
    waiting = (
        waiting.exclude(pk__in=but)
        .annotate(due_at=due)
        .filter(due_at__lte=now, ticket__desk__approval_reminder_days__gt=0)
    )
    return waiting.order_by("asked_at", "id").values_list("pk", flat=True)[:_AT_ONCE]


_REMINDERS = SingleRowQueue("reminders", _claim, _remind, note_failure)
