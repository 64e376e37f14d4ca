"""Refuse to work on a database of a newer version or a half-restored one. Checked before every command, so it costs
one short query.
"""

import pkgutil
from collections.abc import Iterable
from pathlib import Path

from django.apps import AppConfig, apps
from django.db import connection

from otklik.cli.refusals import CliRefusal
from otklik.core.errors import UnableTo

# Stands in the database from the first step of a restore to its last.
RESTORING = "otklik_restoring"


class UnableToUpgrade(UnableTo):
    """The database cannot be brought to this version."""


def refuse_newer() -> None:
    """Raise UnableToUpgrade if a newer Otklik wrote the database: older code might spoil what it does not know."""
    unknown = newer_migrations(applied_migrations())
    if unknown:
        raise UnableToUpgrade(CliRefusal.DATABASE_TOO_NEW, migration=".".join(unknown[0]))


def newer_migrations(applied: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Those of the applied migrations (package, name) that belong to Otklik and that this version does not know."""
    known = _known()
    ours = {label for label, _ in known}
    return sorted(key for key in applied if key[0] in ours and key not in known)


def all_applied() -> bool:
    """Whether every migration there is, of other packages too, was applied by its name.

    False, too, where one that replaces others was not: Django knows better, and is asked then.
    """
    known = {(config.label, name) for config in apps.get_app_configs() for name in _names(config)}
    return known <= set(applied_migrations())


def applied_migrations() -> list[tuple[str, ...]]:
    """What the database says was applied, as (package, name)."""
    if not _exists("django_migrations"):
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return list(cursor.fetchall())


def restore_begins() -> None:
    """Mark the empty database: until the mark is gone no other command works with it."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {RESTORING} (since timestamptz DEFAULT now())")


def restore_is_done() -> None:
    """Remove the mark that `restore_begins` set: the restored database may be used."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {RESTORING}")


def refuse_half_restored() -> None:
    """Raise UnableToUpgrade if `otklik restore` was ended before it was through."""
    if _exists(RESTORING):
        raise UnableToUpgrade(CliRefusal.RESTORE_INCOMPLETE)


def _exists(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
        (exists,) = cursor.fetchone()
    return bool(exists)


def _known() -> set[tuple[str, ...]]:
    ours = (config for config in apps.get_app_configs() if config.name.startswith("otklik."))
    return {(config.label, name) for config in ours for name in _names(config)}


def _names(config: AppConfig) -> list[str]:
    """Of its migrations, by their files: importing them all takes longer than most commands."""
    return [module.name for module in pkgutil.iter_modules([str(Path(config.path) / "migrations")])]
