"""The pump that reminds of approvals."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, QuerySet, Value
from django.utils import timezone

from otklik.core.locks import lock_first
from otklik.tickets.commands.approve import remind_approval
from otklik.tickets.models import Approval

_AT_ONCE = 50
_DAY = Value(timedelta(days=1), output_field=DurationField())


def remind_next(at: datetime | None = None) -> bool:
    """Remind of the approval that has waited longest, if its desk's days are over `at` (default: now); returns whether
    there was one. One transaction: a worker that dies leaves it as it was, and it is done once."""
    now = at or timezone.now()
    with transaction.atomic():
        found = Approval.objects.filter(pk__in=list(_due(now)), state=Approval.State.PENDING, reminded_at=None)
        approval = lock_first(found.order_by("asked_at", "id"), skip_locked=True)
        if approval is None:
            return False
        remind_approval(at=now, approval=approval)
    return True


def _due(now: datetime) -> QuerySet[Approval, int]:
    """The approvals to remind of (ids), those that have waited longest."""
    days = F("ticket__desk__approval_reminder_days")
    time = ExpressionWrapper(days * _DAY, output_field=DurationField())
    due = ExpressionWrapper(F("asked_at") + time, output_field=DateTimeField())
    waiting = Approval.objects.filter(state=Approval.State.PENDING, reminded_at=None, ticket__closed_at=None)
    waiting = waiting.annotate(due_at=due).filter(due_at__lte=now, ticket__desk__approval_reminder_days__gt=0)
    return waiting.order_by("asked_at", "id").values_list("pk", flat=True)[:_AT_ONCE]
