"""Where the database is: an external PostgreSQL that ``DATABASE_URL`` names, or the embedded one in the home.

Only arithmetic: nothing here starts a server or opens a connection.
"""

import hashlib
import os
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from otklik.core import env

ENGINE = "django.db.backends.postgresql"
EMBEDDED_DATABASE = "otklik"
EMBEDDED_ROLE = "otklik"
SOCKET_NAME = ".s.PGSQL.5432"
# sockaddr_un.sun_path of Linux holds 108 bytes with the closing zero (unix(7)).
SOCKET_PATH_LIMIT = 107

_DJANGO_KEYS = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def database_settings(home: Path) -> dict[str, Any]:
    """Django's settings of the default database.

    ``DATABASE_URL`` (or the file that ``DATABASE_URL_FILE`` names) is a libpq URL with any of libpq's
    parameters in its query; without it the embedded server of ``home`` is meant, which
    ``otklik.core.embedded`` runs.
    Raises BadSetting for a URL that libpq does not understand; the message never repeats the URL.
    """
    url = external_url()
    place = _external(url) if url else _embedded(home)
    return {
        "ENGINE": ENGINE,
        # Connections live on between requests and are tried before use: a restarted server costs no error.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        **place,
    }


def external_url() -> str:
    """The URL of the external database, or nothing where the embedded one is used."""
    return env.text("DATABASE_URL")


def socket_directory(home: Path) -> Path:
    """The directory of the embedded server's socket: in the home, or a short one if the home's is long."""
    inside = home.resolve() / "postgres"
    if len(os.fsencode(inside / SOCKET_NAME)) <= SOCKET_PATH_LIMIT:
        return inside
    digest = hashlib.sha256(os.fsencode(inside)).hexdigest()[:16]
    return Path("/tmp") / f"otklik-{digest}"  # noqa: S108  owner and mode are checked before it is used


def _embedded(home: Path) -> dict[str, Any]:
    return {
        "NAME": EMBEDDED_DATABASE,
        "USER": EMBEDDED_ROLE,
        "HOST": str(socket_directory(home)),
        "OPTIONS": {"application_name": "otklik"},
    }


def _external(url: str) -> dict[str, Any]:
    if not url.startswith(("postgresql://", "postgres://")):
        raise env.BadSetting("DATABASE_URL must look like postgresql://user:password@host:5432/name")
    try:
        parts = conninfo_to_dict(url)
    except psycopg.Error:
        raise env.BadSetting(
            "DATABASE_URL is not a URL that PostgreSQL's client library understands"
        ) from None
    if not parts.get("dbname"):
        raise env.BadSetting(
            "DATABASE_URL names no database; write it after the host: postgresql://host/name"
        )
    settings: dict[str, Any] = {
        _DJANGO_KEYS[key]: str(parts.pop(key)) for key in _DJANGO_KEYS if key in parts
    }
    settings["OPTIONS"] = {"application_name": "otklik", "connect_timeout": 10, **parts}
    return settings
