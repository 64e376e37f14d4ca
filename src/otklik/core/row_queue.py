"""Rows as a queue (ADR 10): a batch is claimed, processed and settled in one transaction (ADR 20)."""

import logging
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from otklik.core.batch_cache import remembering
from otklik.core.durability import commit_without_fsync
from otklik.core.locks import wait_for_locks
from otklik.core.skipped_rows import PassedOver
from otklik.core.transient_errors import is_transient

log = logging.getLogger("otklik.worker")
# A tenth of PostgreSQL's deadlock_timeout (1 s): in a deadlock the batch gives way first, not a user's request.
_PATIENCE = timedelta(milliseconds=100)
Row = TypeVar("Row", bound=Model)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RowQueue(Generic[Row]):
    """Process the rows of a queue in batches.

    `claim(at, only, but)`: locks and returns due rows, oldest first, skipping locked ones (SKIP LOCKED) and those with
    an id in `but`; if `only` is an id, no other row. `work(rows, at)`: processes them in the claiming transaction.
    `failed(pk, error)`: records a failed attempt with one row, after its transaction was rolled back.
    """

    name: str
    claim: Callable[[datetime, int | None, Collection[int]], list[Row]]
    work: Callable[[list[Row], datetime], None]
    failed: Callable[[int, Exception], None]
    passed_over: PassedOver = field(default_factory=PassedOver)

    def next(self) -> bool:
        """Process one batch; return whether there were any rows.

        A crash at any point leaves all rows unchanged. If one fails, the batch is rolled back and each row is tried
        alone, so that only the faulty one fails (RL-10). While a batch holds several rows it waits at most 100 ms for
        any lock, lest it block whoever holds that lock; then, too, the rows are tried alone. If even recording a
        failure fails, this process skips the row for an hour. Raises if claiming fails.
        """
        claimed: list[int] = []
        try:
            self._try(None, claimed)
        except Exception as error:
            if not claimed:
                raise
            self._one_by_one(claimed, error)
        return bool(claimed)

    def _try(self, only: int | None, claimed: list[int]) -> None:
        with transaction.atomic(), remembering():
            at = timezone.now()
            rows = self.claim(at, only, self.passed_over.rows())
            claimed += [row.pk for row in rows]
            if len(rows) > 1:
                wait_for_locks(_PATIENCE)
            if rows:
                commit_without_fsync()
                self.work(rows, at)

    def _one_by_one(self, pks: list[int], error: Exception) -> None:
        if len(pks) == 1:
            self._failed(pks[0], error)
            return
        log.warning("%s: %d at once failed, now each alone: %s", self.name, len(pks), type(error).__name__)
        for pk in pks:
            claimed: list[int] = []
            try:
                self._try(pk, claimed)
            except Exception as alone:
                if not claimed:
                    raise
                self._failed(pk, alone)

    def _failed(self, pk: int, error: Exception) -> None:
        log.error("%s: %s failed", self.name, pk, exc_info=error)
        try:
            self.failed(pk, error)
        except Exception as unnoted:
            if is_transient(unnoted):
                raise
            log.exception("%s: that %s failed cannot be noted", self.name, pk)
            self.passed_over.add(pk)


def disjoint_runs(items: Iterable[T], keys: Callable[[T], Iterable[Hashable]]) -> Iterator[list[T]]:
    """Split items, in order, into consecutive runs in which no two items share a key.

    Items that may depend on one another must share a key; a run can then be processed by a few bulk statements.
    """
    run: list[T] = []
    taken: set[Any] = set()
    for item in items:
        own = set(keys(item))
        if run and own & taken:
            yield run
            run, taken = [], set()
        run.append(item)
        taken |= own
    if run:
        yield run
