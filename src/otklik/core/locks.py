"""Lock rows until the end of the transaction. No other module uses SELECT FOR UPDATE (ADR 52).

A locking query that joins another table can lose rows: if the transaction it waited for changed the row, PostgreSQL
re-reads that row but not the joined ones, finds that they no longer match, and returns nothing. So a row is locked
alone, and what it refers to is read by a later query.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

from otklik.core.errors import UnableTo
from otklik.core.refusals import CoreRefusal

Row = TypeVar("Row", bound=Model)


class Gone(UnableTo):
    """The row no longer exists: somebody deleted it meanwhile."""


def lock(model: type[Row], pk: object, *, weakly: bool = False) -> Row:
    """Lock the row with this primary key (FOR UPDATE) and return its current state. Raises Gone if there is none.

    `weakly` (FOR NO KEY UPDATE): others may still insert rows that refer to it.
    """
    rows = _alone(model._default_manager.filter(pk=pk), weakly=weakly)
    row = next(iter(rows), None)
    if row is None:
        raise gone()
    return row


def gone() -> Gone:
    """Return the exception for callers that find out themselves that a row was deleted."""
    return Gone(CoreRefusal.GONE)


def lock_all(rows: QuerySet[Row], *, skip_locked: bool = False) -> list[Row]:
    """Lock these rows (FOR UPDATE) and return their current state, in the queryset's order.

    Rows that no longer match the query once their lock is free are left out. `skip_locked`: skip rows that others have
    locked instead of waiting. Always order the query the same way, or two callers may deadlock. Raises ValueError for a
    query that joins other tables.
    """
    return list(_alone(rows, skip_locked=skip_locked))


def lock_first(rows: QuerySet[Row], *, skip_locked: bool = False) -> Row | None:
    """Lock and return the first of these rows, None if there is none; otherwise like `lock_all`."""
    locked_rows = lock_all(rows[:1], skip_locked=skip_locked)
    return locked_rows[0] if locked_rows else None


def lock_word(word: str) -> None:
    """Take an advisory lock on a string until the transaction ends, for counts that have no row to lock.

    Must be called inside a transaction.
    """
    lock_words([word])


def lock_words(texts: Iterable[str]) -> None:
    """`lock_word` for several strings, in this order. One query, none for no strings."""
    if words := list(texts):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(w, 0)) FROM unnest(%s::text[]) w", [words])


def wait_for_locks(most: timedelta) -> None:
    """For the rest of this transaction, raise OperationalError if any single lock takes longer than `most` to get."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{most // timedelta(milliseconds=1)}ms"])


def _alone(rows: QuerySet[Row], *, skip_locked: bool = False, weakly: bool = False) -> QuerySet[Row]:
    query = rows.query
    if query.select_related or any(
        query.alias_map[alias].join_type for alias, used in query.alias_refcount.items() if used
    ):
        raise ValueError(f"Rows of {rows.model.__name__} are to be locked by a query that joins other tables.")
    return rows.select_for_update(skip_locked=skip_locked, no_key=weakly)
