"""The pump that reminds of approvals."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Value
from django.utils import timezone

from otklik.tickets.commands.approve import remind_approval
from otklik.tickets.models import Approval

_DAY = Value(timedelta(days=1), output_field=DurationField())


def remind_next(at: datetime | None = None) -> bool:
    """Remind of the approval that has waited longest, if its desk's days are over `at` (default: now); returns whether
    there was one. One transaction: a worker that dies leaves it as it was, and it is done once."""
    now = at or timezone.now()
    days = F("ticket__desk__approval_reminder_days")
    time = ExpressionWrapper(days * _DAY, output_field=DurationField())
    due = ExpressionWrapper(F("asked_at") + time, output_field=DateTimeField())
    waiting = Approval.objects.filter(state=Approval.State.PENDING, reminded_at=None, ticket__closed_at=None)
    waiting = waiting.annotate(due_at=due).filter(due_at__lte=now, ticket__desk__approval_reminder_days__gt=0)
    with transaction.atomic():
        rows = waiting.select_for_update(skip_locked=True, of=("self",)).select_related("ticket")
        approval = rows.order_by("asked_at", "id").first()
        if approval is None:
            return False
        remind_approval(at=now, approval=approval)
    return True
