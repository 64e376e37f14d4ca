"""Run pg_dump, pg_restore and other PostgreSQL programs, from the embedded server's wheel."""

import os
import signal
import subprocess
from functools import partial
from typing import IO

from django.db import connection

from otklik.cli.refusals import CliRefusal
from otklik.core.embedded_postgres import binaries
from otklik.core.errors import UnableTo
from otklik.core.processes import end_with_parent

_NAMES = {"dbname": "PGDATABASE", "user": "PGUSER", "password": "PGPASSWORD", "host": "PGHOST", "port": "PGPORT"}
_TLS = {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"}


class UnableToCopyDatabase(UnableTo):
    """pg_dump or pg_restore failed; the message is what it said."""


def dump_database(target: IO[bytes]) -> None:
    """Write a consistent dump of the whole database to ``target`` in pg_dump's compressed custom format.

    Without owners and privileges, which belong to the server. Raises UnableToCopyDatabase.
    """
    _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", into=target)


def load_database(source: IO[bytes]) -> None:
    """Load a dump into the empty database in one transaction. Raises UnableToCopyDatabase."""
    name = str(connection.settings_dict["NAME"])
    _run("pg_restore", "--single-transaction", "--no-owner", "--no-privileges", f"--dbname={name}", given=source)


def _run(program: str, *arguments: str, given: IO[bytes] | None = None, into: IO[bytes] | None = None) -> None:
    """Run the program to its end; it is killed if this process dies."""
    done = subprocess.run(  # noqa: S603
        [str(binaries() / program), "--no-password", *arguments],
        env=_environment(),
        stdin=given or subprocess.DEVNULL,
        stdout=into or subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
        preexec_fn=partial(end_with_parent, os.getpid(), signal.SIGKILL),
    )
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or [f"exit code {done.returncode}"]
        raise UnableToCopyDatabase(CliRefusal.PROGRAM_FAILED, program=program, said=lines[0])


def _environment() -> dict[str, str]:
    """Return libpq's environment variables for our database; a password in arguments would be visible to others."""
    settings = connection.get_connection_params()
    variables = {
        variable: str(settings[name]) for name, variable in {**_NAMES, **_TLS}.items() if settings.get(name) is not None
    }
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", **variables}
