"""Shared by all CLI commands: set up Django, start the database, print failures in one line."""

import contextlib
import importlib
import os
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import django
import typer
from django.core.exceptions import ImproperlyConfigured
from django.utils import translation

from otklik.core import env
from otklik.core.embedded_postgres import STOP_SECONDS, Embedded
from otklik.core.errors import UnableTo
from otklik.core.log_formatter import escaped

SETTINGS = "otklik.config.settings"
# Errors whose message is for people. Django's database errors are added once it is loaded.
_PLAIN = (UnableTo, env.BadSetting, ImproperlyConfigured)
_OTHER_TABLES = ("42P01", "42703")  # PostgreSQL: undefined table, undefined column


def home() -> Path:
    """Return the absolute path of the home named by OTKLIK_HOME. Creates nothing."""
    return Path(env.text("OTKLIK_HOME", "var")).absolute()


def set_up() -> None:
    """Set Django up, without a database connection. Raises BadSetting and ImproperlyConfigured."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    django.setup()


def after_set_up(module: str) -> ModuleType:
    """Import a module that needs Django to be set up, and return it."""
    set_up()
    return importlib.import_module(module)


@contextlib.contextmanager
def django_ready(database: bool = True, *, english: bool = True) -> Iterator[None]:
    """Set up Django and, if wanted, the database for the block; a failure becomes one line and exit code 1.

    The embedded server is started if it is not running, and stopped at the end unless somebody else uses it. `english`:
    refusals are in English, as the command line is; off for services, which use the site's language.
    """
    with failures_in_one_line():
        set_up()
        with (
            in_english() if english else contextlib.nullcontext(),
            checked_database() if database else contextlib.nullcontext(),
        ):
            yield


def in_english() -> contextlib.AbstractContextManager[None]:
    """Use English, the language of the command line, in the block. Requires settings."""
    return translation.override("en")


@contextlib.contextmanager
def checked_database() -> Iterator[None]:
    """Keep the database running during the block, and check that this version may use it. Requires Django.

    Raises UnableToUpgrade if a newer version wrote it, or if a restore was interrupted.
    """
    with database_running():
        versions = importlib.import_module("otklik.cli.versions")
        versions.refuse_newer()
        versions.refuse_half_restored()
        yield


@contextlib.contextmanager
def database_running(stop_seconds: float = STOP_SECONDS) -> Iterator[None]:
    """Keep the embedded server running during the block; does nothing if ``DATABASE_URL`` is set.

    ``stop_seconds``: time for a smart shutdown before a fast one.
    """
    if env.text("DATABASE_URL"):
        yield
        return
    with Embedded(home(), stop_seconds=stop_seconds).hold():
        yield


@contextlib.contextmanager
def failures_in_one_line() -> Iterator[None]:
    """Turn an exception into one line on stderr and exit code 1. OTKLIK_TRACEBACK=1 prints the traceback."""
    try:
        yield
    except Exception as error:
        # Exceptions with an exit code are Typer's; a broken pipe (`… | head`) is no failure.
        if isinstance(error, BrokenPipeError) or hasattr(error, "exit_code") or isinstance(error, typer.Abort):
            raise
        if os.environ.get("OTKLIK_TRACEBACK"):
            traceback.print_exc()
        fail(reason(error))


def fail(text: str) -> NoReturn:
    """Print the reason on stderr in one line, and exit with code 1."""
    print(f"otklik: {escaped(' '.join(text.split()))}", file=sys.stderr, flush=True)  # noqa: T201
    raise typer.Exit(1)


def reason(error: BaseException) -> str:
    """Return the failure in one sentence: the error's message if it is for people, otherwise the error and its
    place."""
    message = str(error).strip()
    if isinstance(error, _PLAIN) and message:
        return message
    if isinstance(error, _database_error()):
        if getattr(error.__cause__, "sqlstate", "") in _OTHER_TABLES:
            return "the database has not the tables of this version; otklik migrate makes them, so does otklik up"
        return f"the database says: {message.splitlines()[0] if message else type(error).__name__}"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "otklik" in frame.filename]
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"unexpected {type(error).__name__}: {message}{place}; set OTKLIK_TRACEBACK=1 to see more"


def _database_error() -> type[BaseException] | tuple[type[BaseException], ...]:
    loaded = sys.modules.get("django.db")
    return loaded.Error if loaded else ()


def address(text: str) -> tuple[str, int]:
    """Parse ``HOST:PORT`` or ``[IPV6]:PORT`` into a pair. Raises typer.BadParameter, exit code 2."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise typer.BadParameter(f"{text!r} is not HOST:PORT, for example 127.0.0.1:8000")
    return host.strip("[]"), int(port)
