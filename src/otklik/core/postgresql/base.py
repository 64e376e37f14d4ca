"""The engine of the database settings (django.db.backends.postgresql otherwise)."""

import contextlib
import select
import time
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

# A connection is asked for an answer (SELECT 1) where the last one is older than these seconds.
_ASK_AFTER = 5.0
# A closed connection has none of these.
_SOUND = {TransactionStatus.IDLE, TransactionStatus.INTRANS}


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that is tried before each request (CONN_HEALTH_CHECKS) at next to no cost while it is busy."""

    _answered_at = 0.0

    def get_new_connection(self, conn_params: Any) -> Any:
        """As Django's."""
        self._answered_at = 0.0
        return super().get_new_connection(conn_params)

    def is_usable(self) -> bool:
        """Whether the connection can be used. One that answered within the last seconds is only looked at: a server
        that goes away closes it or says so first, and either can be read."""
        now = time.monotonic()
        if now - self._answered_at < _ASK_AFTER and self._is_silent():
            return True
        usable = super().is_usable()
        self._answered_at = now if usable else 0.0
        return usable

    def _is_silent(self) -> bool:
        """Open, in no transaction that failed, and nothing came from the server that nobody asked for."""
        with contextlib.suppress(OSError, psycopg.Error):
            if self.connection is not None and self.connection.info.transaction_status in _SOUND:
                poll = select.poll()
                poll.register(self.connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
                return not poll.poll(0)
        return False
