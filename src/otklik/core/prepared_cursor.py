"""A cursor that prepares statements (PREPARE), so that PostgreSQL plans them once per connection."""

from typing import Any, cast

import psycopg
from django.db import DEFAULT_DB_ALIAS, NotSupportedError, connection, connections
from psycopg._queries import PostgresQuery

# A page asks about ten of them; each costs the server some 100 kB per connection.
_MOST_PREPARED = 200


def run_prepared(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement with named places (`%(name)s::type`). PostgreSQL plans it for the values of its first
    five runs on a connection, and keeps one plan for all values from then on where that is not worse.

    Behind a pooler, which gives each transaction another session, it is planned anew each time. A statement whose
    columns a migration has changed meanwhile is run once more on a fresh connection, unless a transaction is open.
    """
    try:
        return _run(sql, values)
    except NotSupportedError:  # "cached plan must not change result type"
        if connection.in_atomic_block:
            raise
    connection.close()
    return _run(sql, values)


def run_unprepared(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of such a statement, planned for these values."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def keeps_prepared() -> bool:
    """Whether what is prepared on the connection in use is there for the next transaction, too: no pooler stands
    between. Asked once for each connection, which is tried before use as Django's own cursors have it tried."""
    return _keeps_prepared(connections[DEFAULT_DB_ALIAS])


def _keeps_prepared(wrapper: Any) -> bool:
    wrapper.close_if_health_check_failed()
    wrapper.ensure_connection()
    link = wrapper.connection
    known: bool | None = vars(link).get("otklik_keeps_prepared")
    if known is None:
        with wrapper.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            # A pooler tells a number of its own when one connects.
            known = vars(link)["otklik_keeps_prepared"] = cursor.fetchone()[0] == link.info.backend_pid
    return known


def _run(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    # Looked up once: django.db.connection asks for this thread's connection at each of its attributes.
    wrapper = connections[DEFAULT_DB_ALIAS]
    if not _keeps_prepared(wrapper):
        return run_unprepared(sql, values)
    # Django's wrapper turns errors into its own and tells whoever counts or watches the statements.
    wrapped = wrapper.make_debug_cursor if wrapper.queries_logged else wrapper.make_cursor
    with wrapped(cast("Any", _PreparedCursor(wrapper.connection))) as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


class _PreparedCursor(psycopg.Cursor[Any]):
    def execute(self, query: Any, params: Any = None, **more: Any) -> Any:
        """Prepare the statement where it is not yet. Django's own statements on this connection never are."""
        link = self.connection
        link.prepare_threshold, link.prepared_max = 0, _MOST_PREPARED
        try:
            return super().execute(query, params, prepare=True, **more)
        finally:
            link.prepare_threshold = None

    def _send_query_prepared(self, name: bytes, pgq: PostgresQuery, *, binary: bool | None = None) -> None:
        self._query = pgq  # Django's log of statements reads it
        super()._send_query_prepared(name, pgq, binary=binary)
