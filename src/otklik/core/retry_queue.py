"""An abstract model and a queue for rows that are processed one at a time, with growing waits between retries."""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, TypeVar

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from otklik.core.due_times import rested
from otklik.core.retry_schedule import WAITS, again_at
from otklik.core.skipped_rows import PassedOver
from otklik.core.transient_errors import is_transient

log = logging.getLogger("otklik.worker")


class Retried(models.Model):
    """Abstract model of a row to be retried: failed attempts, time of the next one, or time of giving up (`failed_at`).

    `WAITS`: the waits after the first, second, … failed attempt; a failure after the last wait is final.
    """

    WAITS: ClassVar[Sequence[timedelta]] = WAITS

    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @classmethod
    def may_be_tried(cls, at: datetime) -> Q:
        """Return a condition for rows that are due at `at` and have not failed for good."""
        return rested(at, cls.WAITS) & Q(failed_at=None)

    def note_failure(self, at: datetime) -> list[str]:
        """Count a failed attempt on the object, without saving; return the names of the changed fields."""
        self.attempts += 1
        self.retry_at = again_at(self.attempts, at, self.WAITS)
        self.failed_at = None if self.retry_at else at
        return ["attempts", "retry_at", "failed_at"]

    def try_anew(self) -> list[str]:
        """Reset the attempts on the object, without saving; return the names of the changed fields."""
        self.attempts, self.retry_at, self.failed_at = 0, None, None
        return ["attempts", "retry_at", "failed_at"]


Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True, slots=True)
class SingleRowQueue(Generic[Row]):
    """Process the rows of a queue one at a time.

    `claim(at, but)`: locks and returns the due row that has waited longest, except those with an id in `but`; None if
    there is none. `work(row, at)`: processes it, in the claiming transaction. `failed(row, at)`: records a failed
    attempt after the changes of `work` were rolled back.
    """

    name: str
    claim: Callable[[datetime, Collection[int]], Row | None]
    work: Callable[[Row, datetime], object]
    failed: Callable[[Row, datetime], None]
    passed_over: PassedOver = field(default_factory=PassedOver)

    def next(self, at: datetime | None = None) -> bool:
        """Process one row due at `at` (default: now); return whether there was one.

        A crash at any point leaves the row unchanged. Transient errors are raised and not counted as attempts. If even
        recording the failure fails, this process skips the row for an hour.
        """
        now = at or timezone.now()
        with transaction.atomic():
            row = self.claim(now, self.passed_over.rows())
            if row is None:
                return False
            try:
                with transaction.atomic():
                    self.work(row, now)
            except Exception as error:
                if is_transient(error):
                    raise
                log.exception("%s: %s failed", self.name, row.pk)
                self._note_failure(row, now)
        return True

    def _note_failure(self, row: Row, now: datetime) -> None:
        try:
            with transaction.atomic():
                self.failed(row, now)
        except Exception as error:
            if is_transient(error):
                raise
            log.exception("%s: that %s failed cannot be noted", self.name, row.pk)
            self.passed_over.add(row.pk)


def note_failure(row: Retried, at: datetime) -> None:
    """Default `failed` of a queue: saves the failed attempt and does nothing else."""
    # Not row.save(): the failed attempt may have changed other fields of the object.
    columns = row.note_failure(at)
    type(row)._base_manager.filter(pk=row.pk).update(**{name: getattr(row, name) for name in columns})


def all_anew(rows: models.QuerySet[Any]) -> int:
    """Reset the attempts of these rows, at an administrator's request; return their number."""
    return rows.update(attempts=0, retry_at=None, failed_at=None)
