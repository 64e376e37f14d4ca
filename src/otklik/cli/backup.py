"""``otklik backup`` and ``otklik restore``: database, files and secret key in one archive (otklik.cli.archive)."""

import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from rich.console import Console
from rich.progress import track

from otklik import __version__
from otklik.cli import archive
from otklik.cli.bootstrap import database_running, django_ready
from otklik.cli.output import say
from otklik.cli.pg_tools import dump_database, load_database
from otklik.cli.refusals import CliRefusal
from otklik.cli.startup import migrate_database, own_session, require_current
from otklik.cli.versions import RESTORING, newer_migrations, restore_begins, restore_is_done
from otklik.core import blobs, env
from otklik.core.atomic_file import appearing, clear_leftovers, sync_folder
from otklik.core.errors import UnableTo
from otklik.core.fault_points import faultpoint
from otklik.core.models import Heartbeat
from otklik.mail.commands.restored import hold_queued
from otklik.people.actor import system
from otklik.people.tombstones import Tombstone, read_list, to_erase_again, tombstones_here
from otklik.privacy.erase import erase_person
from otklik.tickets.files_in_use import missing
from otklik.tickets.pumps.pending_replies import release_next
from otklik.worker.dispatch import dispatch_next

backup = typer.Typer(add_completion=False)
restore = typer.Typer(add_completion=False)

_ASIDE, _ASIDE_DUMP = ".otklik-backup-", ".otklik-dump-"


class UnableToBackUp(UnableTo):
    """The backup cannot be written; the refusal code says why."""


class UnableToRestore(UnableTo):
    """The backup cannot be restored here; the database is unchanged."""


@backup.command("backup")
def backup_command(file: Annotated[Path, typer.Argument(help="The archive to write; it must not exist.")]) -> None:
    """Write database, files and secret key into one archive, while Otklik goes on working.

    The archive holds everything, secrets too: only its owner can read it; keep it so.
    """
    with django_ready(), own_session():
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
    """Put a backup into an empty home or database, bring it to this version, and erase again who was erased since.

    Mails that waited to be sent are held: `otklik mail restored` shows them, and sends or drops them.
    """
    with django_ready(database=False), database_running(), own_session():
        erasures = [*_own_list(), *tombstones(erased or [])]
        count = restore_backup(file.absolute())
        for person in to_erase_again(erasures):
            erase_person(actor=system("cli"), at=timezone.now(), person=person, again=True)
            say(f"person {person.pk}: erased again")
        held = _hold_mails()
        # The heartbeats are of the installation that was backed up.
        Heartbeat.objects.all().delete()
        restore_is_done()
        _tell(count, held, bool(erasures))


def _hold_mails() -> int:
    """Hold the mails that were queued when the backup was made, as they were sent since; returns how many.

    Due replies and events are processed first, so that their mails are held as well.
    """
    now = timezone.now()
    while release_next(now) or dispatch_next():
        pass
    return hold_queued()


def _tell(count: int, held: int, with_list: bool) -> None:
    if not with_list:
        say("no list of erased persons was given: who was erased after this backup is back (--erased FILE)")
    lost = missing()
    if lost:
        say(f"{len(lost)} files were missing already when the backup was made, the first is {min(lost)}")
    if held:
        say(f"{held} mails waited to be sent when the backup was made, and may have been sent since: they are held")
        say("otklik mail restored shows them; with --send they go, with --drop they never do")
    say(f"the database and {count} files are restored; otklik doctor checks the rest, otklik up starts it")


def write_backup(file: Path) -> int:
    """Write the archive; returns how many stored files it holds. Raises UnableToBackUp if the file exists.

    Consistent while Otklik runs: the database is dumped in one snapshot and the files are copied after it; files are
    stored before a row refers to them, and never change. The archive gets its name only when it is complete and synced,
    so a writer that is killed leaves none.
    """
    if file.exists():
        raise UnableToBackUp(CliRefusal.FILE_EXISTS, file=file)
    clear_leftovers(file.parent, _ASIDE_DUMP)
    with appearing(file, _ASIDE) as target, tempfile.TemporaryFile(dir=file.parent, prefix=_ASIDE_DUMP) as dump:
        dump_database(dump)
        key = str(settings.SECRET_KEY).encode()
        return archive.write(target, _manifest(), key=key, dump=dump, files=_stored_files())


def restore_backup(file: Path) -> int:
    """Fill the empty database and file store from the archive; returns how many files it held.

    Nothing is changed before the whole archive has been verified. The database is loaded last, in one transaction, so
    that a failure leaves it empty. Raises UnableToRestore if the database is not empty, if the file is not a complete
    backup, or if it was made by a newer version.
    """
    if connection.introspection.table_names() not in ([], [RESTORING]):
        raise UnableToRestore(CliRefusal.DATABASE_NOT_EMPTY)
    try:
        with archive.opened(file, _accept) as opened:
            restore_begins()
            _restore_files(opened)
            _restore_key(opened)
            _restore_database(opened)
            faultpoint("mid_restore")
    except (archive.InvalidArchive, ValueError, KeyError) as error:
        raise UnableToRestore(CliRefusal.BACKUP_DAMAGED, file=file, error=error) from error
    migrate_database()
    return len(opened.files)


# Writing ------------------------------------------------------------------------------------------
def _manifest() -> dict[str, Any]:
    applied = MigrationRecorder(connection).applied_migrations()
    return {
        "otklik": __version__,
        "made_at": timezone.now().isoformat(),
        "migrations": sorted(".".join(key) for key in applied),
        "erased": [tombstone.line for tombstone in tombstones_here()],
    }


def _stored_files() -> Iterator[Path]:
    paths = sorted(Path(settings.FILES).glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"))
    yield from track(paths, "files", console=Console(stderr=True), transient=True)


# Reading ------------------------------------------------------------------------------------------
def tombstones(files: list[Path]) -> list[Tombstone]:
    """Return the tombstones of erased people in lists and backups. Raises UnableToRestore for an unreadable file."""
    try:
        return [tombstone for file in files for tombstone in _tombstones_of(file)]
    except (OSError, ValueError, KeyError, TypeError, archive.InvalidArchive) as error:
        raise UnableToRestore(CliRefusal.ERASED_LIST_UNREADABLE, error=error) from error


def _tombstones_of(file: Path) -> list[Tombstone]:
    return [Tombstone.read(line) for line in archive.erased_in(file)] if tarfile.is_tarfile(file) else read_list(file)


def _own_list() -> list[Tombstone]:
    path = Path(settings.ERASED_LIST)
    return tombstones([path]) if path.exists() else []


def _accept(manifest: dict[str, Any]) -> None:
    if manifest["format"] not in archive.READABLE:
        raise UnableToRestore(CliRefusal.BACKUP_FORMAT_UNKNOWN, format=manifest["format"], known=archive.FORMAT)
    unknown = newer_migrations(tuple(name.split(".", 1)) for name in manifest["migrations"])
    if unknown:
        raise UnableToRestore(CliRefusal.BACKUP_TOO_NEW, version=manifest["otklik"])


def _restore_files(opened: archive.Archive) -> None:
    """Store every file under the hash of its bytes. Raises ValueError if a hash differs from the file's name."""
    for entry in track(opened.files, "files", console=Console(stderr=True), transient=True):
        source = opened.open(entry)
        digest, _ = blobs.put(iter(lambda source=source: source.read(archive.CHUNK), b""))  # type: ignore[misc]
        if digest != entry.name.removeprefix(archive.FILES):
            raise ValueError(f"{entry.name} is damaged")


def _restore_database(opened: archive.Archive) -> None:
    with tempfile.TemporaryFile(dir=settings.HOME) as dump:
        shutil.copyfileobj(opened.open(opened.tar.getmember(archive.DATABASE)), dump, archive.CHUNK)
        dump.seek(0)
        load_database(dump)


def _restore_key(opened: archive.Archive) -> None:
    """Replace the home's secret key by that of the backup, unless the environment sets one."""
    if env.text("OTKLIK_SECRET_KEY"):
        return
    path = Path(settings.HOME) / "secret_key"
    fresh = path.with_suffix(".restored")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(opened.read(archive.KEY))
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    sync_folder(path.parent)
