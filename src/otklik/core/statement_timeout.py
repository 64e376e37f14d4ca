"""A time limit for each SQL statement, for queries whose cost depends on what people type."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import timedelta

from django.db import Error, OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from otklik.core.errors import UnableTo
from otklik.core.refusals import CoreRefusal


class StatementTimedOut(UnableTo):
    """A statement was cancelled because it exceeded its time limit."""


@contextmanager
def each_statement_within(limit: timedelta) -> Iterator[None]:
    """Limit each SQL statement of the block to this time (statement_timeout).

    The block is a transaction, or a savepoint of the current one. In nested blocks the shorter limit applies. Raises
    StatementTimedOut. Time between statements is not limited. Django does not know of the savepoint of a nested block:
    nothing may be put on its list of what is to be done on commit there.
    """
    outer = _limit.get()
    inner = limit if outer is None else min(limit, outer)
    token = _limit.set(inner)
    try:
        with _whole(inner) if outer is None else _part(inner, outer):
            yield
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise StatementTimedOut(CoreRefusal.TOOK_TOO_LONG) from None
        raise
    finally:
        _limit.reset(token)


_limit: ContextVar[timedelta | None] = ContextVar("limit", default=None)


@contextmanager
def _whole(limit: timedelta) -> Iterator[None]:
    is_part = connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('statement_timeout'), set_config('statement_timeout', %s, true)", [_ms(limit)]
        )
        before, _now = cursor.fetchone() or ("", "")
        yield
        if is_part:  # else the limit ends with the transaction
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])


@contextmanager
def _part(limit: timedelta, outer: timedelta) -> Iterator[None]:
    """Set the savepoint and the limit in one round trip: pages count and look up words in such blocks."""
    with connection.cursor() as cursor:
        cursor.execute(f"SAVEPOINT within; SET LOCAL statement_timeout = '{_ms(limit)}'")
        try:
            yield
        except BaseException:
            # With what came after the savepoint its limit goes, too.
            with suppress(Error):  # a connection that is gone has nothing to go back to
                cursor.execute("ROLLBACK TO SAVEPOINT within; RELEASE SAVEPOINT within")
            raise
        cursor.execute(f"RELEASE SAVEPOINT within; SET LOCAL statement_timeout = '{_ms(outer)}'")


def _ms(limit: timedelta) -> str:
    return f"{limit // timedelta(milliseconds=1)}ms"
