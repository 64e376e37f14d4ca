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
# A tenth of PostgreSQL's deadlock_timeout (1 s), so that a ring of waiting as good as never ends with a person's act.
_PATIENCE = timedelta(milliseconds=100)
Row = TypeVar("Row", bound=Model)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RowQueue(Generic[Row]):
    """How the rows of one queue are worked off.

    `claim(at, only, but)`: locks rows that are due, the oldest first, and passes over those that others hold
    (SKIP LOCKED) and the ids `but`; with `only` no other row than that. `work(rows, at)`: all that is done about them,
    in the claiming transaction. `failed(pk, error)`: notes that a try with this one row failed; the transaction of the
    try is rolled back by then.
    """

    name: str
    claim: Callable[[datetime, int | None, Collection[int]], list[Row]]
    work: Callable[[list[Row], datetime], None]
    failed: Callable[[int, Exception], None]
    passed_over: PassedOver = field(default_factory=PassedOver)

    def next(self) -> bool:
        """Work off some rows; returns whether there were any.

        A crash at any point leaves all of them as they were. When one of them fails, the batch is rolled back and each
        row is tried alone, so that only the one at fault fails (RL-10). Several rows never wait long for somebody's
        lock, as they hold those of other rows meanwhile: whoever holds it, and would wait for them, goes on, and they
        are tried alone. A row of which not even the failed try can be noted is passed over for an hour. Raises when not
        even a claim is possible.
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
    """Cut a row of items into runs, in order, so that no two items of a run have a key in common.

    Items that may depend on one another share a key: each run may then be worked off by a few statements for all.
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
