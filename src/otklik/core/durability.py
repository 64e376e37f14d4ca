"""Commit without waiting for the disk, for work that can be repeated if the last transactions are lost."""

from django.db import connection


def commit_without_fsync() -> None:
    """Let the current transaction commit without waiting for the disk. Must be called inside the transaction.

    Only for work that is repeated from a durable row if a power cut loses its last half second. Anything announced to
    the outside must commit normally afterwards; as commits become durable in order, that covers this one too.
    Source: PostgreSQL manual, "Asynchronous Commit".
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")
