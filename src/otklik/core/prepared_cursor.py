"""A cursor that prepares statements (PREPARE), so that PostgreSQL plans them once per connection."""

from typing import Any, cast

import psycopg
from django.db import DEFAULT_DB_ALIAS, NotSupportedError, connection, connections
from psycopg._queries import PostgresQuery

# A page asks about ten of them; each costs the server some 100 kB per connection.
_MOST_PREPARED = 200


def run_prepared(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Run SQL with typed placeholders (`%(name)s::type`) as a prepared statement; return its rows.

    PostgreSQL plans the first five runs on a connection for their values and then keeps a generic plan if that is not
    costlier. Behind a pooler in transaction mode nothing is prepared. If a migration changed the statement's columns
    meanwhile, it is run again on a new connection, unless a transaction is open; then NotSupportedError is raised.
    """
    try:
        return _run(sql, values)
    except NotSupportedError:  # "cached plan must not change result type"
        if connection.in_atomic_block:
            raise
    connection.close()
    return _run(sql, values)


def run_unprepared(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Run the same SQL without preparing it, so that it is planned for these values."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def keeps_prepared() -> bool:
    """Return whether prepared statements on this connection outlive the transaction, that is, no pooler is in between.
    Checked once per connection; performs Django's health check first."""
    return _keeps_prepared(connections[DEFAULT_DB_ALIAS])


def _keeps_prepared(wrapper: Any) -> bool:
    wrapper.close_if_health_check_failed()
    wrapper.ensure_connection()
    link = wrapper.connection
    known: bool | None = vars(link).get("otklik_keeps_prepared")
    if known is None:
        with wrapper.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            # A pooler reports a made-up pid at connect time.
            known = vars(link)["otklik_keeps_prepared"] = cursor.fetchone()[0] == link.info.backend_pid
    return known


def _run(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    # Looked up once: django.db.connection asks for this thread's connection at each of its attributes.
    wrapper = connections[DEFAULT_DB_ALIAS]
    if not _keeps_prepared(wrapper):
        return run_unprepared(sql, values)
    # Django's wrapper translates exceptions and calls execute_wrapper hooks and the query log.
    wrapped = wrapper.make_debug_cursor if wrapper.queries_logged else wrapper.make_cursor
    with wrapped(cast("Any", _PreparedCursor(wrapper.connection))) as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


class _PreparedCursor(psycopg.Cursor[Any]):
    def execute(self, query: Any, params: Any = None, **more: Any) -> Any:
        """Run the statement prepared. The settings are reset, as Django's own statements must not be prepared."""
        link = self.connection
        link.prepare_threshold, link.prepared_max = 0, _MOST_PREPARED
        try:
            return super().execute(query, params, prepare=True, **more)
        finally:
            link.prepare_threshold = None

    def _send_query_prepared(self, name: bytes, pgq: PostgresQuery, *, binary: bool | None = None) -> None:
        self._query = pgq  # Django's log of statements reads it
        super()._send_query_prepared(name, pgq, binary=binary)
