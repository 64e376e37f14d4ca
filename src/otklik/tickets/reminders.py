"""The pump that reminds of approvals."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Q, QuerySet, Value
from django.utils import timezone

from otklik.core.due import rested
from otklik.core.locks import lock_first
from otklik.core.retry_schedule import WAITS, again_at
from otklik.core.transient_errors import is_transient
from otklik.tickets.commands.approve import remind_approval
from otklik.tickets.models import Approval

log = logging.getLogger("otklik.tickets")
_AT_ONCE = 50
_DAY = Value(timedelta(days=1), output_field=DurationField())


def remind_next(at: datetime | None = None) -> bool:
    """Remind of the approval that has waited longest, if its desk's days are over `at` (default: now); returns whether
    there was one. One transaction: a worker that dies leaves it as it was, and it is done once.

    A reminder that fails is tried again later and later and given up after some tries; those behind it go on.
    """
    now = at or timezone.now()
    found = Approval.objects.filter(_rested(now), pk__in=list(_due(now)), state=Approval.State.PENDING)
    with transaction.atomic():
        approval = lock_first(found.filter(reminded_at=None).order_by("asked_at", "id"), skip_locked=True)
        if approval is None:
            return False
        try:
            with transaction.atomic():
                remind_approval(at=now, approval=approval)
        except Exception as error:
            if is_transient(error):
                raise
            log.exception("nobody can be reminded of approval %d", approval.pk)
            _failed(approval, now)
    return True


def _failed(approval: Approval, now: datetime) -> None:
    again = again_at(approval.attempts + 1, now)
    Approval.objects.filter(pk=approval.pk).update(
        attempts=approval.attempts + 1, retry_at=again, failed_at=None if again else now
    )


def _rested(now: datetime) -> Q:
    return rested(now, WAITS) & Q(failed_at=None)


def _due(now: datetime) -> QuerySet[Approval, int]:
    """The approvals to remind of (ids), those that have waited longest."""
    days = F("ticket__desk__approval_reminder_days")
    time = ExpressionWrapper(days * _DAY, output_field=DurationField())
    due = ExpressionWrapper(F("asked_at") + time, output_field=DateTimeField())
    waiting = Approval.objects.filter(
        _rested(now), state=Approval.State.PENDING, reminded_at=None, ticket__closed_at=None
    )
    waiting = waiting.annotate(due_at=due).filter(due_at__lte=now, ticket__desk__approval_reminder_days__gt=0)
    return waiting.order_by("asked_at", "id").values_list("pk", flat=True)[:_AT_ONCE]
