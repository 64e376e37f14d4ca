"""What a restore refuses even in a valid archive, and what it does not restore."""

import io
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from pytest_django.fixtures import Settings

from otklik.cli import archive, backup
from otklik.core import blobs
from otklik.worker.heartbeat import beat, last_beat
from otklik.worker.run import SHARES
from tests.cast import START
from tests.refusing import refused_as


def manifest(**more: Any) -> dict[str, Any]:
    applied = MigrationRecorder(connection).applied_migrations()
    known = sorted(".".join(key) for key in applied)
    return {"format": archive.FORMAT, "otklik": "9.9", "migrations": known, **more}


def test_what_this_version_does_not_know_is_refused(db: None) -> None:
    backup._accept(manifest())
    with refused_as("cli.backup_too_new"):
        backup._accept(manifest(migrations=[*manifest()["migrations"], "tickets.9999_future"]))
    with refused_as("cli.backup_format_unknown"):
        backup._accept(manifest(format=archive.FORMAT + 1))


@pytest.fixture
def sealed(tmp_path: Path) -> Iterator[archive.Archive]:
    """Yield an archive with a valid seal in which a file's content does not match its name."""
    wrong = tmp_path / ("0" * 64)
    wrong.write_bytes(b"other bytes")
    target = tmp_path / "a.tar"
    with target.open("w+b") as file:
        assert archive.write(file, {"migrations": []}, key=b"k", dump=io.BytesIO(b"d"), files=[wrong]) == 1
    with archive.opened(target, lambda _manifest: None) as opened:
        yield opened


def test_a_file_whose_bytes_are_not_those_of_its_name_is_damage(sealed: archive.Archive, home: Path) -> None:
    with pytest.raises(ValueError, match="0000 is damaged"):
        backup._restore_files(sealed)
    assert not blobs.path_of("0" * 64).exists()


def test_the_signs_of_life_of_the_former_installation_are_forgotten(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    """Otherwise a worker that does not run would count as running for a while."""
    for share in SHARES:
        beat(share, START)
    assert last_beat(SHARES) == START
    settings.ERASED_LIST = tmp_path / "none"
    for name in ("django_ready", "database_running", "own_session"):
        monkeypatch.setattr(backup, name, lambda **_more: nullcontext())
    monkeypatch.setattr(backup, "restore_backup", lambda file: 0)
    monkeypatch.setattr(backup, "restore_is_done", lambda: None)
    backup.restore_command(tmp_path / "a.tar", None)
    assert last_beat(SHARES) is None
