"""Statement timeouts."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction

from otklik.core.statement_timeout import StatementTimedOut, each_statement_within

SHORT = timedelta(milliseconds=50)


def say(sql: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def test_a_statement_is_ended_after_its_time(db: None) -> None:
    with pytest.raises(StatementTimedOut) as caught, each_statement_within(SHORT):
        say("SELECT 1 FROM pg_sleep(5)")
    assert caught.value.code == "core.took_too_long"
    assert say("SELECT 2") == 2


def test_after_the_block_what_held_before_holds_again(db: None) -> None:
    with transaction.atomic():
        say("SELECT set_config('statement_timeout', '7s', true)")
        with each_statement_within(SHORT):
            assert say("SHOW statement_timeout") == "50ms"
        assert say("SHOW statement_timeout") == "7s"
        with pytest.raises(StatementTimedOut), each_statement_within(SHORT):
            say("SELECT 1 FROM pg_sleep(5)")
        assert say("SHOW statement_timeout") == "7s"


def test_a_block_within_another_gets_no_more_time_than_that_one(db: None) -> None:
    with each_statement_within(SHORT), each_statement_within(timedelta(seconds=3)):
        assert say("SHOW statement_timeout") == "50ms"
    with each_statement_within(timedelta(seconds=3)):
        with each_statement_within(SHORT):
            assert say("SHOW statement_timeout") == "50ms"
        assert say("SHOW statement_timeout") == "3s"
        with pytest.raises(StatementTimedOut), each_statement_within(SHORT):
            say("SELECT 1 FROM pg_sleep(5)")
        with each_statement_within(timedelta(seconds=2)):
            assert say("SHOW statement_timeout") == "2s"


def test_other_failures_stay_what_they_are(db: None) -> None:
    with pytest.raises(OperationalError), each_statement_within(SHORT):
        raise OperationalError("gone")
