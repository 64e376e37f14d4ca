"""Prepared statements: planned once per connection, and replanned when they become invalid."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import NotSupportedError, close_old_connections, connection, transaction
from django.test.utils import CaptureQueriesContext
from psycopg.types.numeric import Int8

from otklik.core.prepared_cursor import keeps_prepared, run_prepared
from otklik.desks.models import Desk
from tests.cast import Cast

SQL = "SELECT word FROM tried WHERE id = %(id)s::bigint"


@pytest.fixture
def tried(transactional_db: None) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE tried (id bigint, word text); INSERT INTO tried VALUES (1, 'да'), (2, '100 %')")
    yield
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE tried")


def prepared() -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement, generic_plans + custom_plans FROM pg_prepared_statements WHERE NOT from_sql")
        return cursor.fetchall()


def test_it_is_prepared_once_for_a_connection_whatever_the_values(tried: None) -> None:
    assert [run_prepared(SQL, {"id": Int8(pk)}) for pk in (1, 2, 2**40)] == [[("да",)], [("100 %",)], []]
    assert [row for row in prepared() if "FROM tried" in row[0]] == [
        ("SELECT word FROM tried WHERE id = $1::bigint", 3)
    ]


@pytest.mark.django_db
def test_statements_of_the_orm_are_not_prepared(cast: Cast) -> None:
    before = prepared()
    run_prepared("SELECT 1 WHERE 1 = %(id)s::bigint", {"id": 1})
    for _time in range(8):
        assert Desk.objects.filter(key="ACCREDO").exists()
    assert len(prepared()) == len(before) + 1


def test_a_column_that_changed_its_type_meanwhile_costs_no_error(tried: None) -> None:
    assert run_prepared(SQL, {"id": 1}) == [("да",)]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tried ALTER word TYPE varchar(9) USING left(word, 9)")
    assert run_prepared(SQL, {"id": 1}) == [("да",)]


def test_within_a_transaction_the_error_is_told(tried: None) -> None:
    assert run_prepared(SQL, {"id": 1}) == [("да",)]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE tried ALTER word TYPE varchar(9) USING left(word, 9)")
        with pytest.raises(NotSupportedError, match="cached plan"):
            run_prepared(SQL, {"id": 1})
        transaction.set_rollback(True)
    assert run_prepared(SQL, {"id": 1}) == [("да",)]


def test_a_connection_that_the_server_ended_is_tried_before_it_is_used(tried: None) -> None:
    run_prepared(SQL, {"id": 1})
    close_old_connections()  # as at the begin of a request
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
    assert run_prepared(SQL, {"id": 1}) == [("да",)]


@pytest.mark.django_db
def test_it_is_counted_and_watched_like_any_other_statement() -> None:
    watched = list[str]()

    def watch(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        watched.append(sql)
        return execute(sql, params, many, context)

    for _time in range(2):
        with CaptureQueriesContext(connection) as asked, connection.execute_wrapper(watch):
            run_prepared("SELECT %(id)s::bigint", {"id": Int8(7)})
    assert [row["sql"] for row in asked][-1:] == ["SELECT $1::bigint"] and watched[-1:] == ["SELECT %(id)s::bigint"]


@pytest.mark.django_db
def test_a_direct_connection_keeps_what_is_prepared() -> None:
    assert keeps_prepared()
