"""Bring the database and the home to this version: migrations, cache table, static files.

Several processes may do so at once, on several machines: an advisory lock lets one work while the others wait.
"""

import contextlib
import hashlib
import importlib.metadata
import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from otklik.cli.refusals import CliRefusal
from otklik.cli.schema import load_schema
from otklik.cli.versions import UnableToUpgrade, all_applied, applied_migrations, refuse_half_restored, refuse_newer
from otklik.core.database import DIRECT
from otklik.core.direct_connection import direct, shares_sessions

# The key of the advisory lock; all versions must use the same.
_LOCK = 0x6F746B6C696B
_STAMP = ".otklik-stamp"


def prepare() -> None:
    """Bring database and static files to this version. Fast if nothing is to do."""
    refuse_half_restored()
    with _alone():
        _migrate()
        collect_static()


def migrate_database() -> int:
    """Apply missing migrations; return their number. Raises UnableToUpgrade if the database is newer."""
    with _alone():
        return _migrate()


def require_current() -> None:
    """Raise UnableToUpgrade unless the database has exactly this version."""
    missing = pending_migrations()
    if missing:
        raise UnableToUpgrade(CliRefusal.DATABASE_NOT_MIGRATED, missing=len(missing))


def pending_migrations() -> list[str]:
    """Return the names of missing migrations. Raises UnableToUpgrade if the database is newer."""
    refuse_newer()
    if all_applied():
        return []
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


@contextlib.contextmanager
def own_session() -> Iterator[None]:
    """Use a connection with a session of its own in the block, for session-level locks.

    Raises UnableToUpgrade if a pooler in transaction mode prevents it.
    """
    with direct():
        if shares_sessions():
            raise UnableToUpgrade(CliRefusal.DATABASE_BEHIND_POOLER, setting=DIRECT)
        yield


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    with own_session(), _locked():
        yield


@contextlib.contextmanager
def _locked() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _migrate() -> int:
    before = len(applied_migrations())
    load_schema()
    if pending_migrations():
        call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    return len(applied_migrations()) - before


def collect_static() -> None:
    """Copy static files, hashed and compressed, to STATIC_ROOT unless they are there already."""
    stamp = Path(settings.STATIC_ROOT) / _STAMP
    wanted = _fingerprint()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(wanted, encoding="utf-8")


def _fingerprint() -> str:
    """Return a hash of the static files' sizes and times and of whitenoise's version."""
    digest = hashlib.sha256(importlib.metadata.version("whitenoise").encode())
    for finder in get_finders():
        for path, storage in finder.list(["CVS", ".*", "*~"]):
            status = os.stat(storage.path(path))  # noqa: PTH116
            digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    return digest.hexdigest()
