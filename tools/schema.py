"""Write src/otklik/cli/schema.sql from the migrations, or check that it is what they make (ADR 110).

tools/schema.py update    all migrations in a database of its own, then pg_dump
tools/schema.py check     no migration of ours is missing in the file; without a database, for `make check`
tools/schema.py compare   the migrations and the file make the same, row by row; PostgreSQL's dumps are compared
"""

import difflib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from otklik.core.embedded_postgres import DATABASE, SUPERUSER, Embedded, binaries

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "src" / "otklik" / "cli" / "schema.sql"
# The throw-away database need not survive a power failure.
_HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_HEAD = "-- What all migrations make of an empty database. Written by: make schema\n"
_LEFT_OUT = (
    # pg_dump's comments, session settings, and statements that need another server version or privileges.
    re.compile(r"^--\n(?:-- [^\n]*\n)+--\n", re.MULTILINE),
    re.compile(r"^(?:-- Dumped |\\|SET |SELECT pg_catalog\.set_config\()[^\n]*\n", re.MULTILINE),
    re.compile(r"\bpublic\."),
)
_TAKEN_ANEW = (
    (re.compile(r"'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\+00'"), "now()"),
    (re.compile(r"'[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'"), "gen_random_uuid()"),
)
_APPLIED = re.compile(r"^\t\(\d+, '(\w+)', '(\w+)', now\(\)\)", re.MULTILINE)
# PostgreSQL moves the cast inwards when it re-reads its own output; the index is the same.
_CAST_OUTSIDE = re.compile(r"\(ARRAY\[([^]]*)]\)::text\[]")
_VARCHAR = re.compile(r"'(?:[^']|'')*'::character varying")


def missing() -> list[str]:
    """Return our migrations that differ between the directory and the file, in either direction."""
    known = {(path.parent.parent.name, path.stem) for path in ROOT.glob("src/otklik/*/migrations/[0-9]*.py")}
    ours = {label for label, _ in known}
    applied = {key for key in _APPLIED.findall(FILE.read_text(encoding="utf-8")) if key[0] in ours}
    return sorted(".".join(key) for key in known ^ applied)


def migrated() -> str:
    """Return the dump of an empty database after all migrations, in the file's form."""
    with _database() as server:
        _django("call_command('migrate', verbosity=0, interactive=False)")
        return _dump(server)


def loaded() -> str:
    """Return the dump of an empty database after loading the file."""
    with _database() as server:
        _django("from otklik.cli.schema import load_schema; load_schema()")
        return _dump(server)


def _dump(server: Embedded) -> str:
    finished = subprocess.run(
        [
            *(str(binaries() / "pg_dump"), f"--host={server.sockets}", f"--username={SUPERUSER}"),
            *("--no-owner", "--no-privileges", "--inserts", "--rows-per-insert=1000", DATABASE),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return _HEAD + _plain(finished.stdout)


def _plain(dump: str) -> str:
    """Make a dump independent of the server's version, the owner and the schema's name."""
    for pattern in _LEFT_OUT:
        dump = pattern.sub("", dump)
    for pattern, value in _TAKEN_ANEW:
        dump = pattern.sub(value, dump)
    dump = _CAST_OUTSIDE.sub(lambda array: "ARRAY[" + _VARCHAR.sub(r"(\g<0>)::text", array[1]) + "]", dump)
    return re.sub(r"\n{3,}", "\n\n", dump).strip() + "\n"


@contextmanager
def _database() -> Iterator[Embedded]:
    """Run an empty server in a temporary home."""
    with tempfile.TemporaryDirectory(prefix="otklik-schema-") as home:
        Path(home).chmod(0o711)
        os.environ["OTKLIK_HOME"] = home
        server = Embedded(Path(home), _HASTY)
        with server.hold():
            yield server


def _django(statements: str) -> None:
    """Run the statements in a new process, because Django's settings name the home's database."""
    begin = "import django; django.setup(); from django.core.management import call_command; "
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "otklik.config.settings"}
    subprocess.run([sys.executable, "-c", begin + statements], env=environment, check=True)


def update() -> int:
    """Write the file."""
    FILE.write_text(migrated(), encoding="utf-8")
    return 0


def check() -> int:
    """Return 1 if the file was not made from the present migrations."""
    differing = missing()
    if differing:
        print(f"schema.sql is not of these migrations: {', '.join(differing)}; run: make schema", file=sys.stderr)
    return 1 if differing else 0


def compare() -> int:
    """Print differences between the file, the migrations and the loaded file; return 1 if there are any."""
    written, dumps = FILE.read_text(encoding="utf-8"), {"migrations": migrated(), "loaded": loaded()}
    for name, dump in dumps.items():
        lines = difflib.unified_diff(written.splitlines(), dump.splitlines(), "schema.sql", name, lineterm="", n=2)
        print("\n".join(lines), end="", file=sys.stderr)
    return int(any(dump != written for dump in dumps.values()))


if __name__ == "__main__":
    ACTIONS: dict[str, Callable[[], int]] = {"update": update, "check": check, "compare": compare}
    sys.exit(ACTIONS[sys.argv[1]]())
