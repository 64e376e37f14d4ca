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
# Nothing of it need survive a power cut.
_HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_HEAD = "-- What all migrations make of an empty database. Written by: make schema\n"
_LEFT_OUT = (
    # pg_dump's own comments, and what is the session's or needs another server's version or rights.
    re.compile(r"^--\n(?:-- [^\n]*\n)+--\n", re.MULTILINE),
    re.compile(r"^(?:-- Dumped |\\|SET |SELECT pg_catalog\.set_config\()[^\n]*\n", re.MULTILINE),
    re.compile(r"\bpublic\."),
)
_TAKEN_ANEW = (
    (re.compile(r"'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\+00'"), "now()"),
    (re.compile(r"'[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'"), "gen_random_uuid()"),
)
_APPLIED = re.compile(r"^\t\(\d+, '(\w+)', '(\w+)', now\(\)\)", re.MULTILINE)
# PostgreSQL moves the cast inwards when it reads what it wrote: the same index.
_CAST_OUTSIDE = re.compile(r"\(ARRAY\[([^]]*)]\)::text\[]")
_VARCHAR = re.compile(r"'(?:[^']|'')*'::character varying")


def missing() -> list[str]:
    """Our migrations that the file lacks, and those it has that are none (any more)."""
    known = {(path.parent.parent.name, path.stem) for path in ROOT.glob("src/otklik/*/migrations/[0-9]*.py")}
    ours = {label for label, _ in known}
    applied = {key for key in _APPLIED.findall(FILE.read_text(encoding="utf-8")) if key[0] in ours}
    return sorted(".".join(key) for key in known ^ applied)


def migrated() -> str:
    """What the migrations make of an empty database, as the file says it."""
    with _database() as server:
        _django("call_command('migrate', verbosity=0, interactive=False)")
        return _dump(server)


def loaded() -> str:
    """The same of the file."""
    with _database() as server:
        _django("from otklik.cli.schema import load_schema; load_schema()")
        return _dump(server)


def _dump(server: Embedded) -> str:
    done = subprocess.run(
        [
            *(str(binaries() / "pg_dump"), f"--host={server.sockets}", f"--username={SUPERUSER}"),
            *("--no-owner", "--no-privileges", "--inserts", "--rows-per-insert=1000", DATABASE),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return _HEAD + _plain(done.stdout)


def _plain(dump: str) -> str:
    """For a server of any version we know, whoever owns the database and whatever its schema is called."""
    for pattern in _LEFT_OUT:
        dump = pattern.sub("", dump)
    for pattern, value in _TAKEN_ANEW:
        dump = pattern.sub(value, dump)
    dump = _CAST_OUTSIDE.sub(lambda array: "ARRAY[" + _VARCHAR.sub(r"(\g<0>)::text", array[1]) + "]", dump)
    return re.sub(r"\n{3,}", "\n\n", dump).strip() + "\n"


@contextmanager
def _database() -> Iterator[Embedded]:
    """An empty one, in a home that is removed."""
    with tempfile.TemporaryDirectory(prefix="otklik-schema-") as home:
        Path(home).chmod(0o711)
        os.environ["OTKLIK_HOME"] = home
        server = Embedded(Path(home), _HASTY)
        with server.hold():
            yield server


def _django(statements: str) -> None:
    """In a process of its own: the settings name the home's database."""
    begin = "import django; django.setup(); from django.core.management import call_command; "
    given = {**os.environ, "DJANGO_SETTINGS_MODULE": "otklik.config.settings"}
    subprocess.run([sys.executable, "-c", begin + statements], env=given, check=True)


def update() -> int:
    """Write the file."""
    FILE.write_text(migrated(), encoding="utf-8")
    return 0


def check() -> int:
    """1 when the names of the migrations differ."""
    differing = missing()
    if differing:
        print(f"schema.sql is not of these migrations: {', '.join(differing)}; run: make schema", file=sys.stderr)
    return 1 if differing else 0


def compare() -> int:
    """1 when the migrations make something else than the file says, or than loading it makes."""
    written, made = FILE.read_text(encoding="utf-8"), {"migrations": migrated(), "loaded": loaded()}
    for name, dump in made.items():
        lines = difflib.unified_diff(written.splitlines(), dump.splitlines(), "schema.sql", name, lineterm="", n=2)
        print("\n".join(lines), end="", file=sys.stderr)
    return int(any(dump != written for dump in made.values()))


if __name__ == "__main__":
    WORDS: dict[str, Callable[[], int]] = {"update": update, "check": check, "compare": compare}
    sys.exit(WORDS[sys.argv[1]]())
