"""Leader election by a PostgreSQL advisory lock, for work that one process does on behalf of all."""

import contextlib
import logging
import threading

import psycopg
from django.db import connection

from otklik.core.direct_connection import parameters

log = logging.getLogger("otklik.worker")


class Leadership:
    """A session-level advisory lock, held until this process gives it up, ends or loses its connection.

    Uses its own connection, which bypasses any pooler. Thread-safe.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._link: psycopg.Connection | None = None
        self._guard = threading.Lock()

    def is_mine(self) -> bool:
        """Try to take the lock without waiting; return whether this process holds it. False if the database is
        unreachable."""
        with self._guard:
            try:
                return self._taken()
            except psycopg.Error as error:
                log.warning("%s: whose it is cannot be asked: %s", self._name, error)
                self._close()
                return False

    def give_up(self) -> None:
        """Release the lock and close its connection."""
        with self._guard:
            if self._link is not None and not self._link.closed:
                # The server notices a closed connection a little later.
                with contextlib.suppress(psycopg.Error):
                    self._link.execute("SELECT pg_advisory_unlock_all()")
            self._close()

    def _taken(self) -> bool:
        if self._link is None or self._link.closed:
            self._link = psycopg.connect(**parameters(), autocommit=True)
        # Taking it twice is harmless: closing the session releases it altogether.
        held = self._link.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted)"
            " OR pg_try_advisory_lock(hashtextextended(%s, 0))",
            [f"{self._name} {connection.settings_dict['NAME']}"],
        ).fetchone()
        return bool(held and held[0])

    def _close(self) -> None:
        if self._link is not None:
            self._link.close()
        self._link = None
