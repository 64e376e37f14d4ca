"""Connections that bypass the pooler and go to the server that DATABASE_DIRECT_URL names.

A pooler in transaction mode (PgBouncer and its kind) gives each transaction to whichever session of the server is
free. Locks of a session, LISTEN and pg_dump do not survive that (docs/settings.md).
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from otklik.core.database import direct_settings


@contextlib.contextmanager
def direct() -> Iterator[None]:
    """Make all database connections that this process opens in the block bypass the pooler.

    Does nothing if DATABASE_DIRECT_URL is unset. Connections that other threads have open already are not replaced.
    """
    before = dict(connection.settings_dict)
    straight = direct_settings()
    if straight is None:
        yield
        return
    connection.close()
    connection.settings_dict.update(straight)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def parameters() -> dict[str, Any]:
    """Return the keyword arguments for a `psycopg.connect` that bypasses the pooler."""
    kind = type(connections[DEFAULT_DB_ALIAS])
    return _given(kind({**connection.settings_dict, **(direct_settings() or {})}, DEFAULT_DB_ALIAS))


def shares_sessions() -> bool:
    """Return whether the current connection goes through a pooler in transaction mode.

    Through any pooler the backend pid differs from the one reported at connect time. In transaction mode, in addition,
    a second connection gets the backend that the first one just used, or the first gets another one.
    """
    mine = _session()
    link = connection.connection
    if link.info.backend_pid == mine:
        return False
    with psycopg.connect(**_given(connections[DEFAULT_DB_ALIAS])) as other:
        (theirs,) = other.execute("SELECT pg_backend_pid()").fetchone() or (0,)
        return bool(theirs == mine or _session() != mine)


def _given(place: BaseDatabaseWrapper) -> dict[str, Any]:
    """Return the connection's parameters without those that only Django understands."""
    given: dict[str, Any] = place.get_connection_params()
    return {name: value for name, value in given.items() if name not in {"cursor_factory", "context"}}


def _session() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (number,) = cursor.fetchone()
    return int(number)
