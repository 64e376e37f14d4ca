"""Database settings: the external PostgreSQL that ``DATABASE_URL`` names, or the embedded one in the home.

Only arithmetic: nothing here starts a server or opens a connection.
"""

from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from otklik.core import env
from otklik.core.embedded_postgres import DATABASE, ROLE, socket_directory

DIRECT = "DATABASE_DIRECT_URL"
ENGINE = "otklik.core.postgresql"

_DJANGO_KEYS = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def database_settings(home: Path) -> dict[str, Any]:
    """Django's settings of the default database.

    ``DATABASE_URL`` (or the file that ``DATABASE_URL_FILE`` names) is a libpq URL with any of libpq's
    parameters in its query; without it the embedded server of ``home`` is meant, which
    ``otklik.core.embedded_postgres`` runs.
    Raises BadSetting for a URL that libpq does not understand; the message never repeats the URL.
    """
    url = external_url()
    if not url and direct_url():
        raise env.BadSetting(f"{DIRECT} goes with DATABASE_URL, which is not set")
    place = _external("DATABASE_URL", url) if url else _embedded(home)
    return {
        "ENGINE": ENGINE,
        # Connections live on between requests and are tried before use: a restarted server costs no error.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        # A cursor of the server lives in a session, which a pooler may take away between two statements.
        "DISABLE_SERVER_SIDE_CURSORS": direct_settings() is not None,
        **place,
    }


def direct_settings() -> dict[str, Any] | None:
    """Django's settings of the same database without a pooler in between: what ``DATABASE_DIRECT_URL`` names.

    None where it is not set. Raises BadSetting.
    """
    url = direct_url()
    return {"USER": "", "PASSWORD": "", "HOST": "", "PORT": "", **_external(DIRECT, url)} if url else None


def external_url() -> str:
    """The URL of the external database, or nothing where the embedded one is used."""
    return env.text("DATABASE_URL")


def direct_url() -> str:
    """The URL of the same database past a pooler, or nothing."""
    return env.text("DATABASE_DIRECT_URL")


def _embedded(home: Path) -> dict[str, Any]:
    return {
        "NAME": DATABASE,
        "USER": ROLE,
        "HOST": str(socket_directory(home)),
        "OPTIONS": {"application_name": "otklik"},
    }


def _external(name: str, url: str) -> dict[str, Any]:
    if not url.startswith(("postgresql://", "postgres://")):
        raise env.BadSetting(f"{name} must look like postgresql://user:password@host:5432/name")
    try:
        parts = conninfo_to_dict(url)
    except psycopg.Error:
        raise env.BadSetting(f"{name} is not a URL that PostgreSQL's client library understands") from None
    if not parts.get("dbname"):
        raise env.BadSetting(f"{name} names no database; write it after the host: postgresql://host/name")
    settings: dict[str, Any] = {_DJANGO_KEYS[key]: str(parts.pop(key)) for key in _DJANGO_KEYS if key in parts}
    settings["OPTIONS"] = {"application_name": "otklik", "connect_timeout": 10, **parts}
    return settings
