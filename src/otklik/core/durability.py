"""How long a commit waits for the disk."""

from django.db import connection


def commit_without_fsync() -> None:
    """Do not wait for the disk at the end of this transaction. Call inside it.

    Only for work whose cause is a row that is on the disk already, and which is done again when a power cut takes its
    last half second. Whatever is told to the outside waits for the disk after it, and so for all before it.
    Source: PostgreSQL manual, "Asynchronous Commit": commits become durable in their order.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")
