"""Update many rows, each with its own values, in one statement."""

import re
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Model


def update_rows(rows: Sequence[Model], *fields: str) -> None:
    """Write these columns of saved rows of one model in one UPDATE, each row with its own values.

    Does not call `save` and does not send signals. Does nothing for no rows.
    """
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
    """Return the SQL of a table `new` with these model columns. It takes one array parameter per column, bytes in
    binary."""
    arrays = ", ".join(
        f"{'%b' if column.get_internal_type() == 'BinaryField' else '%s'}::{_type(column)}[]" for column in columns
    )
    return f"unnest({arrays}) AS new({', '.join(connection.ops.quote_name(column.column) for column in columns)})"


def _type(column: Any) -> str:
    """Return the column's SQL type without its length: a cast to varchar(n) truncates, where storing must fail."""
    return re.sub(r"^varchar.*", "text", str(column.cast_db_type(connection)))
