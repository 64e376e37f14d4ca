"""The tables of an empty database in one transaction: ``schema.sql``, instead of all migrations (ADR 110).

``tools/schema.py`` writes the file from the migrations.
"""

from pathlib import Path

from django.db import connection, transaction

from otklik.core.fault_points import faultpoint

SNAPSHOT = Path(__file__).with_name("schema.sql")


def load_schema() -> bool:
    """Create the tables of the snapshot in one transaction; return False, doing nothing, if there are tables already.

    Migrations newer than the snapshot are left to Django.
    """
    if connection.introspection.table_names():
        return False
    with transaction.atomic(), connection.cursor() as cursor:
        # A function may precede the table that it reads.
        cursor.execute("SET LOCAL check_function_bodies = off")
        cursor.execute(SNAPSHOT.read_text(encoding="utf-8"))
        faultpoint("mid_schema")
    return True
