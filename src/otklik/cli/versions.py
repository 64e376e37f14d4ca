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

# A table that exists during a restore.
RESTORING = "otklik_restoring"


class UnableToUpgrade(UnableTo):
    """The database cannot be brought to this version."""


def refuse_newer() -> None:
    """Raise UnableToUpgrade if a newer version wrote the database, because older code might damage it."""
    unknown = newer_migrations(applied_migrations())
    if unknown:
        raise UnableToUpgrade(CliRefusal.DATABASE_TOO_NEW, migration=".".join(unknown[0]))


def newer_migrations(applied: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return those of the applied migrations (package, name) of Otklik that this version does not know."""
    known = _known()
    ours = {label for label, _ in known}
    return sorted(key for key in applied if key[0] in ours and key not in known)


def all_applied() -> bool:
    """Return whether all existing migrations, those of other packages too, are applied.

    False also if a squashed one is not recorded; then Django has to decide.
    """
    known = {(config.label, name) for config in apps.get_app_configs() for name in _names(config)}
    return known <= set(applied_migrations())


def applied_migrations() -> list[tuple[str, ...]]:
    """Return the applied migrations as (package, name)."""
    if not _exists("django_migrations"):
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return list(cursor.fetchall())


def restore_begins() -> None:
    """Mark the empty database; other commands refuse it until the mark is removed."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {RESTORING} (since timestamptz DEFAULT now())")


def restore_is_done() -> None:
    """Remove the mark of `restore_begins`."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {RESTORING}")


def refuse_half_restored() -> None:
    """Raise UnableToUpgrade if `otklik restore` was interrupted."""
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
    """Return the names of an app's migrations by their files; importing them would take longer than most commands."""
    return [module.name for module in pkgutil.iter_modules([str(Path(config.path) / "migrations")])]
