"""A connection is checked before a request uses it, at next to no cost while it is busy."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.db.backends.postgresql.base import DatabaseWrapper

from otklik.core.postgresql import base


@pytest.fixture
def asked(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Yield a list that gets an entry for each check of the connection."""
    times, ask = list[str](), DatabaseWrapper.is_usable
    connection.close()
    connection.ensure_connection()

    def counting(self: Any) -> bool:
        times.append("SELECT 1")
        return bool(ask(self))

    monkeypatch.setattr(DatabaseWrapper, "is_usable", counting)
    yield times
    connection.close()


def test_who_answered_a_moment_ago_is_not_asked_again(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert connection.is_usable() and len(asked) == 1
    assert connection.is_usable() and len(asked) == 1
    monkeypatch.setattr(base, "_ASK_AFTER", 0.0)
    assert connection.is_usable() and len(asked) == 2


def test_a_connection_that_the_server_ended_is_seen_at_once(asked: list[str]) -> None:
    assert connection.is_usable()
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
    other.close()
    time.sleep(0.1)
    assert not connection.is_usable() and len(asked) == 2


def test_a_connection_in_a_transaction_that_failed_is_of_no_use(asked: list[str]) -> None:
    assert connection.is_usable()
    with transaction.atomic():
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT * FROM no_such_table")
        assert not connection.is_usable()
        transaction.set_rollback(True)
    assert connection.is_usable()


def test_a_connection_that_was_closed_or_is_new_is_asked(asked: list[str]) -> None:
    assert connection.is_usable()
    connection.connection.close()
    assert not connection.is_usable()
    connection.close()
    connection.ensure_connection()
    assert connection.is_usable() and len(asked) == 3
