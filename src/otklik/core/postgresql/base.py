"""The database backend: Django's for PostgreSQL with a cheaper health check."""

import contextlib
import select
import time
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

# Seconds after which a connection must answer a query (SELECT 1) again to count as usable.
_ASK_AFTER = 5.0
# The states of a usable connection; a closed one is UNKNOWN.
_SOUND = {TransactionStatus.IDLE, TransactionStatus.INTRANS}


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's connection with a health check (CONN_HEALTH_CHECKS) that rarely costs a query."""

    _answered_at = 0.0

    def get_new_connection(self, conn_params: Any) -> Any:
        """Connect, and reset the time of the previous connection's last answer."""
        self._answered_at = 0.0
        return super().get_new_connection(conn_params)

    def is_usable(self) -> bool:
        """Return whether the connection works. If it answered within the last 5 s, only its socket is polled.

        Polling suffices because a server that goes away closes the connection or sends a message first.
        """
        now = time.monotonic()
        if now - self._answered_at < _ASK_AFTER and self._is_silent():
            return True
        usable = super().is_usable()
        self._answered_at = now if usable else 0.0
        return usable

    def _is_silent(self) -> bool:
        """Whether the connection is open, not in a failed transaction, and has nothing unexpected to read."""
        with contextlib.suppress(OSError, psycopg.Error):
            if self.connection is not None and self.connection.info.transaction_status in _SOUND:
                poll = select.poll()
                poll.register(self.connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
                return not poll.poll(0)
        return False
