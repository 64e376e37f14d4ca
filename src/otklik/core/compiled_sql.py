"""Statements that the ORM writes once and every reader uses: for what each page asks, writing them costs more than
running them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

# Stands for the reader's id while a statement is written; no row has it.
SOMEBODY = -1_702_113_355


@dataclass(frozen=True, slots=True)
class CompiledSQL:
    """SQL with its values, among them SOMEBODY."""

    sql: str
    values: tuple[Any, ...]

    def values_for(self, person_id: int) -> list[Any]:
        """The values of the statement for this reader."""
        return [person_id if value == SOMEBODY else value for value in self.values]


def compiled(rows: QuerySet[Any]) -> CompiledSQL:
    """What `rows` would ask; it is not run. Rows that cannot exist become a statement without rows."""
    try:
        sql, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return CompiledSQL("SELECT NULL WHERE false", ())
    return CompiledSQL(sql, tuple(values))


def all_counted(parts: Sequence[CompiledSQL]) -> CompiledSQL:
    """One statement with one row: how many rows each of the parts has."""
    # The pieces come from the ORM with their values apart.
    counts = ", ".join(f"(SELECT count(*) FROM ({part.sql}) c)" for part in parts)  # noqa: S608
    return CompiledSQL(f"SELECT {counts}", tuple(value for part in parts for value in part.values))


def run(statement: CompiledSQL, person_id: int, *more: Any) -> list[tuple[Any, ...]]:
    """The rows of the statement for this reader; `more`: values of places that follow its own."""
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, [*statement.values_for(person_id), *more])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
