"""What happened: rows without foreign keys, so that they outlive what they describe."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import ClassVar

from django.db import models

from otklik.core.due import ahead
from otklik.core.retried import Retried
from otklik.journal.events import TypedEvent, typed

LONGEST_HOLD = timedelta(minutes=10)
"""Nothing waits longer for its reactions because somebody may still take it back."""


class Event(Retried):
    """One thing that happened, written in the transaction of the change itself.

    At once the timeline shown to people, the audit trail, and the outbox of reactions (`dispatched_at` is null until
    the worker has planned mails and other reactions for it). Reactions that fail are tried again later and later, for
    about two hours; then the event stands given up until somebody has it tried again.
    """

    # Somebody waits for the mail: a fault that passes by itself shall cost seconds.
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
    # Until then it may be taken back, so nobody is told of it.
    not_before = models.DateTimeField(null=True)
    error = models.TextField(default="")
    # What this follows from, through how many steps (0: somebody did it), and what else was done in the same act.
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
        """Events whose time to be taken back is over, if they had any. A time that lies further ahead than there can be
        one was written before the clock was set back."""
        is_over = models.Q(not_before=None) | models.Q(not_before__lte=at)
        return is_over | ahead("not_before", at + LONGEST_HOLD)

    @cached_property
    def typed(self) -> TypedEvent:
        """What it tells, as the class of its kind. Readers ask this and leave `data` to the store."""
        return typed(self.kind, self.data)

    def __str__(self) -> str:
        return f"{self.id} {self.kind} {self.subject_kind} {self.subject_id}"
