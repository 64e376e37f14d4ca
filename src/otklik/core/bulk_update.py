"""Update many rows, each with its own values, in one statement."""

import re
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Model


def update_rows(rows: Sequence[Model], *fields: str) -> None:
    """Write the named columns of saved rows of one model: one UPDATE, each row its own values. Calls no `save`."""
    if not rows:
        return
    model = type(rows[0])._meta
    columns: list[Any] = [model.pk, *(model.get_field(name) for name in fields)]
    quote = connection.ops.quote_name
    names = [quote(column.column) for column in columns]
    sets = ", ".join(f"{name} = new.{name}" for name in names[1:])
    table = quote(model.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {sets} FROM {as_table(columns)}"  # noqa: S608  # our own names
            f" WHERE {table}.{names[0]} = new.{names[0]}",
            [
                [column.get_db_prep_save(getattr(instance, column.attname), connection) for instance in rows]
                for column in columns
            ],
        )


def as_table(columns: Sequence[Any]) -> str:
    """SQL of a table `new` with these columns of a model; its parameters are one array for each, bytes as bytes."""
    arrays = ", ".join(
        f"{'%b' if column.get_internal_type() == 'BinaryField' else '%s'}::{_type(column)}[]" for column in columns
    )
    return f"unnest({arrays}) AS new({', '.join(connection.ops.quote_name(column.column) for column in columns)})"


def _type(column: Any) -> str:
    """The column's type, without a length: a cast would cut what is too long, where storing it must fail."""
    return re.sub(r"^varchar.*", "text", str(column.cast_db_type(connection)))
