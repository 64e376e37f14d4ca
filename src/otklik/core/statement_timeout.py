"""A time limit for each SQL statement, for queries whose cost depends on what people type."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from otklik.core.errors import UnableTo
from otklik.core.refusals import CoreRefusal


class TookTooLong(UnableTo):
    """A statement was cancelled by its timeout."""


@contextmanager
def each_statement_within(limit: timedelta) -> Iterator[None]:
    """Limit each SQL statement of the block to this time (statement_timeout).

    The block is a transaction, or a savepoint of the current one. In nested blocks the shorter limit applies. Raises
    TookTooLong. Time between statements is not limited.
    """
    outer = _limit.get()
    inner = limit if outer is None else min(limit, outer)
    token, is_part = _limit.set(inner), connection.in_atomic_block
    try:
        with transaction.atomic():
            before = _set_limit(f"{inner // timedelta(milliseconds=1)}ms")
            yield
            if is_part:  # else the limit ends with the transaction
                _set_limit(before)
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TookTooLong(CoreRefusal.TOOK_TOO_LONG) from None
        raise
    finally:
        _limit.reset(token)


_limit: ContextVar[timedelta | None] = ContextVar("limit", default=None)


def _set_limit(limit: str) -> str:
    """Set statement_timeout until the transaction ends; return the previous value."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('statement_timeout'), set_config('statement_timeout', %s, true)", [limit]
        )
        row = cursor.fetchone()
    assert row is not None
    return str(row[0])
