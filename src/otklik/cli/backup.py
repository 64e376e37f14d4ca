"""``otklik backup`` and ``otklik restore``: database, files and key in one tar archive."""

import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Annotated, Any

import typer
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from rich.console import Console
from rich.progress import track

from otklik import __version__
from otklik.cli.base import django_ready
from otklik.cli.output import say
from otklik.cli.pg_tools import dump_database, load_database
from otklik.cli.prepare import migrate_database, newer_migrations, require_current
from otklik.core import blobs, env
from otklik.core.errors import UnableTo
from otklik.people.actor import system
from otklik.people.tombstones import Tombstone, read_list, to_erase_again, tombstones_here
from otklik.tickets.commands.erase import erase_person

backup = typer.Typer()
restore = typer.Typer()

FORMAT = 1
_MANIFEST, _DATABASE, _KEY, _FILES = "manifest.json", "database.dump", "secret_key", "files/"
_CHUNK = 1 << 20


class UnableToBackUp(UnableTo):
    """The backup cannot be written."""


class UnableToRestore(UnableTo):
    """The backup cannot be restored here; the database is as it was."""


@backup.command("backup")
def backup_command(file: Annotated[Path, typer.Argument(help="The archive to write; it must not exist.")]) -> None:
    """Write database, files and secret key into one archive, while Otklik goes on working.

    The archive holds everything, secrets too: only its owner can read it; keep it so.
    """
    with django_ready():
        require_current()
        count = write_backup(file.absolute())
        say(f"{file}: {file.stat().st_size:,} bytes, {count} files")


@restore.command("restore")
def restore_command(
    file: Annotated[Path, typer.Argument(help="The archive that otklik backup wrote.")],
    erased: Annotated[
        list[Path] | None, typer.Option(help="A list of erased persons, or a newer backup; may be given several times.")
    ] = None,
) -> None:
    """Put a backup into an empty home or database, bring it to this version, and erase again who was erased since."""
    with django_ready():
        found = [*_own_list(), *tombstones(erased or [])]
        count = read_backup(file.absolute())
        for person in to_erase_again(found):
            erase_person(actor=system("cli"), at=timezone.now(), person=person, again=True)
            say(f"person {person.pk}: erased again")
        if not found:
            say("no list of erased persons was given: who was erased after this backup is back (--erased FILE)")
        say(f"the database and {count} files are restored; otklik doctor checks the rest, otklik up starts it")


def write_backup(file: Path) -> int:
    """Write the archive and return how many stored files it holds.

    Consistent: the database is read in one snapshot, and after it the files, which are on the disk before a row names
    them and never change. The archive gets its name only when it is whole and on the disk. Raises UnableToBackUp.
    """
    if file.exists():
        raise UnableToBackUp(f"{file} exists; name another file")
    with _aside(file) as target, tarfile.open(fileobj=target, mode="w") as archive:
        with tempfile.NamedTemporaryFile(dir=file.parent, prefix=".otklik-dump-") as dump:
            dump_database(Path(dump.name))
            _add_bytes(archive, _MANIFEST, json.dumps(_manifest(), indent=2).encode())
            _add_key(archive)
            archive.add(dump.name, _DATABASE)
        return _add_files(archive)


def read_backup(file: Path) -> int:
    """Fill the empty database and the store from the archive; returns how many files it held.

    Raises UnableToRestore for a database that is not empty, for a file that is no whole backup, and for one of a newer
    version. The database is filled last and in one transaction, so that a failure leaves it empty.
    """
    if connection.introspection.table_names():
        raise UnableToRestore("the database is not empty; restore into a new home: OTKLIK_HOME=… otklik restore FILE")
    try:
        with tarfile.open(file, mode="r:") as archive:
            _check(json.loads(_read(archive, _MANIFEST)))
            count = _take_files(archive)
            _take_database(archive)
            _take_key(archive)
    except (tarfile.TarError, ValueError, KeyError, EOFError) as error:
        raise UnableToRestore(f"{file} is no whole backup of Otklik: {error}") from error
    migrate_database()
    return count


# Writing ------------------------------------------------------------------------------------------
@contextmanager
def _aside(file: Path) -> Iterator[IO[bytes]]:
    """A file beside the final one, for its owner's eyes only; it takes the final name if the block goes well."""
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=".otklik-backup-", delete=False) as target:
        try:
            yield target
            target.flush()
            os.fsync(target.fileno())
            Path(target.name).rename(file)
        except BaseException:
            Path(target.name).unlink(missing_ok=True)
            raise


def _manifest() -> dict[str, Any]:
    applied = MigrationRecorder(connection).applied_migrations()
    return {
        "format": FORMAT,
        "otklik": __version__,
        "made_at": timezone.now().isoformat(),
        "migrations": sorted(".".join(key) for key in applied),
        "erased": [one.line for one in tombstones_here()],
    }


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    archive.addfile(entry, io.BytesIO(content))


def _add_key(archive: tarfile.TarFile) -> None:
    """The key signs the reply addresses in mails that people still answer, and opens the mailboxes' passwords."""
    _add_bytes(archive, _KEY, str(settings.SECRET_KEY).encode())


def _add_files(archive: tarfile.TarFile) -> int:
    found = sorted(Path(settings.FILES).glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"))
    added = 0
    for path in track(found, "files", console=Console(stderr=True), transient=True):
        # What is removed meanwhile was named by nothing for long (worker.unused_files), nor in the snapshot.
        with suppress(FileNotFoundError):
            archive.add(path, f"{_FILES}{path.name}")
            added += 1
    return added


# Reading ------------------------------------------------------------------------------------------
def tombstones(files: list[Path]) -> list[Tombstone]:
    """What lists and newer backups say of who was erased. Raises UnableToRestore."""
    try:
        return [one for file in files for one in (_of_backup if tarfile.is_tarfile(file) else read_list)(file)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnableToRestore(f"the list of erased persons cannot be read: {error}") from error


def _own_list() -> list[Tombstone]:
    path = Path(settings.ERASED_LIST)
    return tombstones([path]) if path.exists() else []


def _of_backup(file: Path) -> list[Tombstone]:
    with tarfile.open(file, mode="r:") as archive:
        return [Tombstone.read(line) for line in json.loads(_read(archive, _MANIFEST)).get("erased", [])]


def _check(manifest: dict[str, Any]) -> None:
    if manifest["format"] != FORMAT:
        raise UnableToRestore(f"the backup has the format {manifest['format']}, this version knows {FORMAT}")
    unknown = newer_migrations(tuple(name.split(".", 1)) for name in manifest["migrations"])
    if unknown:
        raise UnableToRestore(f"the backup was made by a newer Otklik ({manifest['otklik']}); install that version")


def _take_files(archive: tarfile.TarFile) -> int:
    """Store every file again under the hash of its bytes; a file whose bytes changed is found here."""
    entries = [entry for entry in archive if entry.name.startswith(_FILES)]
    for entry in track(entries, "files", console=Console(stderr=True), transient=True):
        source = _open(archive, entry.name)
        digest, _ = blobs.put(iter(lambda source=source: source.read(_CHUNK), b""))  # type: ignore[misc]
        if digest != entry.name.removeprefix(_FILES):
            raise ValueError(f"{entry.name} is damaged")
    return len(entries)


def _take_database(archive: tarfile.TarFile) -> None:
    with tempfile.NamedTemporaryFile(prefix="otklik-dump-") as dump:
        shutil.copyfileobj(_open(archive, _DATABASE), dump, _CHUNK)
        dump.flush()
        load_database(Path(dump.name))


def _take_key(archive: tarfile.TarFile) -> None:
    """The home goes on with the key of the backup, unless the environment gives one."""
    if env.text("OTKLIK_SECRET_KEY"):
        return
    path = Path(settings.HOME) / "secret_key"
    fresh = path.with_suffix(".restored")
    fresh.touch(mode=0o600)
    fresh.write_bytes(_read(archive, _KEY))
    fresh.rename(path)


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    return _open(archive, name).read()


def _open(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    source = archive.extractfile(name)
    if source is None:
        raise ValueError(f"{name} is no file")
    return source
