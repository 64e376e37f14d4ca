"""An abstract model and a queue for rows that are processed one at a time, retried with growing waits, and given up at
last.
"""

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
    """The tries of a row that failed, and not before when the next one is; `failed_at`: there is no next one.

    `WAITS`: how long a row rests after its first failed try, its second and so on; after the last it is given up.
    """

    WAITS: ClassVar[Sequence[timedelta]] = WAITS

    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @classmethod
    def may_be_tried(cls, at: datetime) -> Q:
        """Rows that have not failed, or have rested since, and are not given up."""
        return rested(at, cls.WAITS) & Q(failed_at=None)

    def note_failure(self, at: datetime) -> list[str]:
        """Count a failed try, on the object; returns the columns to save."""
        self.attempts += 1
        self.retry_at = again_at(self.attempts, at, self.WAITS)
        self.failed_at = None if self.retry_at else at
        return ["attempts", "retry_at", "failed_at"]

    def try_anew(self) -> list[str]:
        """Forget the tries that failed, on the object; returns the columns to save."""
        self.attempts, self.retry_at, self.failed_at = 0, None, None
        return ["attempts", "retry_at", "failed_at"]


Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True, slots=True)
class SingleRowQueue(Generic[Row]):
    """How the rows of a queue are worked off one at a time.

    `claim(at, but)` locks the row that has waited longest, if one is due, in a transaction that lasts until it is
    settled; never one of the ids `but`.
    `work(row, at)`: all that is done about it. `failed(row, at)`: notes a failed try, whose changes are undone by then.
    """

    name: str
    claim: Callable[[datetime, Collection[int]], Row | None]
    work: Callable[[Row, datetime], object]
    failed: Callable[[Row, datetime], None]
    passed_over: PassedOver = field(default_factory=PassedOver)

    def next(self, at: datetime | None = None) -> bool:
        """Work off one row that is due `at` (default: now); returns whether there was one.

        A crash at any point leaves it as it was. Trouble of the machine is no failed try, and is raised. A row of which
        not even the failed try can be noted is passed over for an hour.
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
    """The `failed` of a queue whose rows tell nobody else."""
    # What the failed try set on the object is not true.
    columns = row.note_failure(at)
    type(row)._base_manager.filter(pk=row.pk).update(**{name: getattr(row, name) for name in columns})


def all_anew(rows: models.QuerySet[Any]) -> int:
    """Try these rows as if they had never failed; returns how many there are. An administrator says so."""
    return rows.update(attempts=0, retry_at=None, failed_at=None)
