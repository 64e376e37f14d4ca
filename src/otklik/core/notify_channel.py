"""PostgreSQL LISTEN and NOTIFY: wake a waiting process when rows for it were committed.

The rows are the queue; this only shortens the wait. A lost wake-up costs one polling interval, never a row.
"""

from collections.abc import Callable

import psycopg
from django.db import connection

from otklik.core.direct_connection import parameters

CHANNEL = "otklik_work"


def wake(topic: str) -> None:
    """Notify listeners, when the current transaction commits, that rows for `topic` are waiting. Call inside a
    transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, topic])


def listen(on_topic: Callable[[str], None], stopping: Callable[[], bool], poll_seconds: float = 0.5) -> None:
    """Call `on_topic` for each notification until `stopping()` is true, checked every `poll_seconds`.

    Raises psycopg.OperationalError if the connection is lost; the caller decides when to listen again.
    """
    with psycopg.connect(**parameters(), autocommit=True) as link:
        link.execute(f"LISTEN {CHANNEL}")
        while not stopping():
            for notice in link.notifies(timeout=poll_seconds):
                on_topic(notice.payload)
                if stopping():
                    return
