"""The event log. Its rows have no foreign keys, so that they outlive what they describe."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import ClassVar

from django.db import models

from otklik.core.due_times import ahead
from otklik.core.retry_queue import Retried
from otklik.journal.events import TypedEvent, typed

LONGEST_HOLD = timedelta(minutes=10)
"""The longest that an event's reactions are held back so that it can be undone."""


class Event(Retried):
    """Something that happened, saved in the transaction of the change itself.

    Serves as the timeline that people see, as the audit trail, and as the queue of reactions: `dispatched_at` is null
    until the worker has planned mails and other reactions. Failed reactions are retried with growing delays for about
    two hours; then the event counts as given up until somebody has it retried.
    """

    # Short at first, because somebody may be waiting for the mail while a fault passes by itself.
    WAITS: ClassVar[Sequence[timedelta]] = (
        *(timedelta(seconds=5 * 2**tries) for tries in range(1, 10)),
        timedelta(hours=1),
    )

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=30)
    subject_id = models.BigIntegerField()
    actor = models.CharField(max_length=400)
    actor_id = models.BigIntegerField(null=True)
    via = models.CharField(max_length=20)
    data = models.JSONField(default=dict)
    dispatched_at = models.DateTimeField(null=True)
    # The event can be undone until then, so nobody is notified of it before.
    not_before = models.DateTimeField(null=True)
    error = models.TextField(default="")
    # The event it reacts to, its distance from a person's action (0: somebody did it), and its bulk action.
    cause_id = models.BigIntegerField(null=True)
    depth = models.SmallIntegerField(default=0, db_default=0)
    batch_id = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "id"], name="event_subject"),
            models.Index(fields=["id"], condition=models.Q(dispatched_at=None), name="event_waiting"),
            models.Index(fields=["batch_id"], condition=~models.Q(batch_id=None), name="event_batch"),
        ]

    @classmethod
    def may_be_told(cls, at: datetime) -> models.Q:
        """Return a filter for events that can no longer be undone, so that people may be notified of them.

        A time further ahead than LONGEST_HOLD means that the clock was set back, and is ignored.
        """
        is_over = models.Q(not_before=None) | models.Q(not_before__lte=at)
        return is_over | ahead("not_before", at + LONGEST_HOLD)

    @cached_property
    def typed(self) -> TypedEvent:
        """The event's data as an instance of the class for its kind. Use this instead of `data`."""
        return typed(self.kind, self.data)

    def __str__(self) -> str:
        return f"{self.id} {self.kind} {self.subject_kind} {self.subject_id}"
