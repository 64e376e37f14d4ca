"""Lock rows until the transaction ends: the one place that does (ADR 52).

A locking query that joins another table loses rows: when the row was changed by the transaction it waited for,
PostgreSQL looks at it anew but at the joined rows as they were, finds that they no longer belong together, and returns
nothing. So a row is locked alone, and what it refers to is read by a later statement.
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
    """The row is there no longer: somebody took it away meanwhile."""


def lock(model: type[Row], pk: object, *, weakly: bool = False) -> Row:
    """The row with this key, locked and read as it is now. `weakly`: others may still refer to it. Raises Gone."""
    rows = _alone(model._default_manager.filter(pk=pk), weakly=weakly)
    row = next(iter(rows), None)
    if row is None:
        raise gone()
    return row


def gone() -> Gone:
    """The refusal, in words for people."""
    return Gone(CoreRefusal.GONE)


def lock_all(rows: QuerySet[Row], *, skip_locked: bool = False) -> list[Row]:
    """These rows, locked and read as they are now, in the order asked for; what changed and no longer fits is left out.

    `skip_locked`: pass over rows that others hold instead of waiting. Whoever locks several asks for them in one order,
    so that two who do so never wait in a ring. Raises ValueError for a query that joins other tables.
    """
    return list(_alone(rows, skip_locked=skip_locked))


def lock_first(rows: QuerySet[Row], *, skip_locked: bool = False) -> Row | None:
    """The first of these rows, locked, if there is one; else as `lock_all`."""
    locked_rows = lock_all(rows[:1], skip_locked=skip_locked)
    return locked_rows[0] if locked_rows else None


def lock_word(word: str) -> None:
    """Wait for whoever locked the same word, until their transaction ends: for counts that have no row of their own.
    Belongs into a transaction."""
    lock_words([word])


def lock_words(texts: Iterable[str]) -> None:
    """The same for several, one after the other in this order; one statement, or none for no words."""
    if given := list(texts):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(w, 0)) FROM unnest(%s::text[]) w", [given])


def wait_for_locks(most: timedelta) -> None:
    """In this transaction, fail with OperationalError where any one lock is not had after so long."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{most // timedelta(milliseconds=1)}ms"])


def _alone(rows: QuerySet[Row], *, skip_locked: bool = False, weakly: bool = False) -> QuerySet[Row]:
    query = rows.query
    if query.select_related or any(
        query.alias_map[alias].join_type for alias, used in query.alias_refcount.items() if used
    ):
        raise ValueError(f"Rows of {rows.model.__name__} are to be locked by a query that joins other tables.")
    return rows.select_for_update(skip_locked=skip_locked, no_key=weakly)
