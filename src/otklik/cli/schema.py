"""The tables of an empty database in one transaction: ``schema.sql``, instead of all migrations (ADR 110).

``tools/schema.py`` writes the file from the migrations.
"""

from pathlib import Path

from django.db import connection, transaction

from otklik.core.fault_points import faultpoint

SNAPSHOT = Path(__file__).with_name("schema.sql")


def load_schema() -> bool:
    """Make what the snapshot holds, wholly or not at all, in the schema that the connection writes to.

    False, and nothing done, where there is a table already. What is newer than the snapshot is left to the migrations.
    """
    if connection.introspection.table_names():
        return False
    with transaction.atomic(), connection.cursor() as cursor:
        # A function may stand before the table that it reads.
        cursor.execute("SET LOCAL check_function_bodies = off")
        cursor.execute(SNAPSHOT.read_text(encoding="utf-8"))
        faultpoint("mid_schema")
    return True
