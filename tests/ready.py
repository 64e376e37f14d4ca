"""The database of every test process: migrated once per run and copied, with the cast ready to be inserted.

The schema `ready` of the copies holds two functions. `ready.empty()` deletes what a test has committed, from the few
tables that hold rows (truncating all of them, as Django does, takes longer than most tests), and restores the rows that
the migrations created. `ready.put_cast()` inserts the rows that `tests.cast.make_cast` made in the original, by one
statement instead of two hundred.
"""

import pickle
import time
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import OperationalError, connection, transaction
from psycopg import sql

from otklik.cli.startup import migrate_database
from otklik.core.embedded_postgres import ROLE, SUPERUSER, Embedded
from tests import serving
from tests.cast import KEPT, make_cast

ORIGINAL = "otklik_ready"
# The ids of two tables start this far apart, so that ids of the cast's rows do not coincide by chance.
_APART = 10
_TRIES = 5
# Tables that no test writes except through migrations; the functions set the configuration version themselves.
_KEPT_AS_MIGRATED = {"auth_permission", "core_configurationversion", "django_content_type", "django_migrations"}


def connect_to_copy(server: Embedded) -> None:
    """Give this process its own database, a copy of the original, which the first process of a run makes."""
    own = connection.creation._get_test_db_name()  # type: ignore[attr-defined]  # the stubs do not know it
    connection.close()
    with _superuser(server, "postgres") as link:
        link.execute("SELECT pg_advisory_lock(1)")
        if link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [ORIGINAL]).fetchone() is None:
            _make_original(server, link)
        link.execute(_named("CREATE DATABASE {} TEMPLATE {} OWNER {}", own, ORIGINAL, ROLE))
    _use(own)


def empty() -> None:
    """Delete everything committed since the copy was made, after the live server has answered all requests.

    Retries after a deadlock, since a thread of the test may still hold rows; raises OperationalError after five tries.
    """
    serving.wait_until_answered()
    for attempt in range(_TRIES):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT ready.empty()")
            return
        except OperationalError:
            if attempt == _TRIES - 1:
                raise
            time.sleep(0.2)


def _make_original(server: Embedded, link: "psycopg.Connection[tuple[object, ...]]") -> None:
    """Create the original under a temporary name and rename it when it is complete."""
    half = f"{ORIGINAL}_half"
    link.execute(_named("CREATE DATABASE {} OWNER {}", half, ROLE))
    _use(half)
    migrate_database()
    with _superuser(server, half) as inside:
        tables = _written_tables(inside)
        inside.execute("CREATE SCHEMA ready")
        for place, table in enumerate(tables):
            _begin_ids(inside, table, (place + 1) * _APART)
            inside.execute(_named("CREATE TABLE ready.{} AS TABLE public.{}", f"first_{table}", table))
        with transaction.atomic():
            cast = make_cast()
        (Path(settings.HOME) / KEPT).write_bytes(pickle.dumps(cast))
        connection.close()
        _keep_cast(inside, tables)
        inside.execute("SELECT ready.empty()")
        inside.execute("ANALYZE")
    link.execute(_named("ALTER DATABASE {} RENAME TO {}", half, ORIGINAL))


def _keep_cast(inside: "psycopg.Connection[tuple[object, ...]]", tables: list[str]) -> None:
    """Write into the schema `ready` copies of the rows that the cast added, and the functions.

    The functions run as superuser without checking foreign keys, because whole sets of rows come and go. No trigger
    runs either, so they set the configuration's new version themselves (`core.configuration_cache`).
    """
    puts, empties = [], []
    for table in tables:
        first = f"first_{table}"
        inside.execute(_named("CREATE TABLE ready.{0} AS TABLE public.{0} EXCEPT ALL TABLE ready.{1}", table, first))
        if _holds_rows(inside, "ready", table):
            puts.append(_insert(inside, table, table))
        empties.append(_named("IF EXISTS (SELECT FROM public.{0}) THEN DELETE FROM public.{0}; END IF;", table))
        if _holds_rows(inside, "ready", first):
            empties.append(_insert(inside, table, first))
    version = sql.SQL(
        "INSERT INTO public.core_configurationversion VALUES (1, gen_random_uuid())"
        " ON CONFLICT (id) DO UPDATE SET version = excluded.version;"
    )
    for name, statements in (("put_cast", [*puts, version]), ("empty", [*empties, version])):
        inside.execute(
            sql.SQL(
                "CREATE FUNCTION ready.{}() RETURNS void LANGUAGE plpgsql SECURITY DEFINER "
                "SET session_replication_role = replica AS $$BEGIN {} END$$"
            ).format(sql.Identifier(name), sql.SQL("\n").join(statements))
        )
    inside.execute(_named("GRANT USAGE ON SCHEMA ready TO {}", ROLE))


def _insert(inside: "psycopg.Connection[tuple[object, ...]]", table: str, copy: str) -> sql.Composed:
    columns = sql.SQL(", ").join(map(sql.Identifier, _columns(inside, table)))
    return sql.SQL("INSERT INTO public.{} ({}) SELECT {} FROM ready.{};").format(
        sql.Identifier(table), columns, columns, sql.Identifier(copy)
    )


def _written_tables(inside: "psycopg.Connection[tuple[object, ...]]") -> list[str]:
    """Return all tables that a test may write."""
    names = inside.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
    return [str(name) for (name,) in names if name not in _KEPT_AS_MIGRATED]


def _holds_rows(inside: "psycopg.Connection[tuple[object, ...]]", schema: str, table: str) -> bool:
    return inside.execute(_named("SELECT FROM {}.{} LIMIT 1", schema, table)).fetchone() is not None


def _columns(inside: "psycopg.Connection[tuple[object, ...]]", table: str) -> list[str]:
    """Return the columns that can be inserted, so not the generated ones."""
    columns = inside.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
        " AND is_generated = 'NEVER' ORDER BY ordinal_position",
        [table],
    ).fetchall()
    return [str(name) for (name,) in columns]


def _begin_ids(inside: "psycopg.Connection[tuple[object, ...]]", table: str, first: int) -> None:
    """Set the first id of the table, if it has an identity column."""
    inside.execute(
        "SELECT setval(pg_get_serial_sequence(%(table)s, column_name), %(first)s, false) FROM"
        " information_schema.columns WHERE table_schema = 'public' AND table_name = %(table)s AND is_identity = 'YES'",
        {"table": table, "first": first},
    )


def _superuser(server: Embedded, database: str) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(host=str(server.sockets), user=SUPERUSER, dbname=database, autocommit=True)


def _use(database: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = database


def _named(statement: str, *names: str) -> sql.Composed:
    return sql.SQL(statement).format(*map(sql.Identifier, names))
