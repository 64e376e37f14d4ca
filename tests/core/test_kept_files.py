"""Small files that must survive a power failure: the key, a backup's key, the list of erased people."""

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from otklik.cli import backup
from otklik.core.secret_key import secret_key
from otklik.people.models import Person
from otklik.people.tombstones import keep_tombstone, read_list
from tests.cast import START


class Synced:
    """Records what was synced, with its size at that time, and whether the file in question had its name."""

    def __init__(self, patch: pytest.MonkeyPatch, file: Path) -> None:
        self.done: list[tuple[str, int, bool]] = []
        real = os.fsync

        def fsync(handle: int) -> None:
            real(handle)
            place = Path(f"/proc/self/fd/{handle}").readlink()
            self.done.append(("folder" if place.is_dir() else "file", os.fstat(handle).st_size, file.exists()))

        patch.setattr(os, "fsync", fsync)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_the_key_is_on_the_disk_before_it_has_its_name_and_its_owners_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OTKLIK_SECRET_KEY", raising=False)
    home = tmp_path / "home"
    seen = Synced(monkeypatch, home / "secret_key")
    key = secret_key(home)
    assert seen.done[0] == ("file", len(key), False) and len(key) > 60
    assert [(kind, named) for kind, _size, named in seen.done[1:]] == [("folder", True)]
    assert mode(home / "secret_key") == 0o600 and [one.name for one in home.iterdir()] == ["secret_key"]
    assert secret_key(home) == key, "it is made once"
    monkeypatch.setenv("OTKLIK_SECRET_KEY", "given " * 10)
    assert secret_key(home).startswith("given")


def test_the_key_of_a_backup_takes_its_place_when_it_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.delenv("OTKLIK_SECRET_KEY", raising=False)
    settings.HOME = tmp_path
    found: Any = SimpleNamespace(read=lambda name: b"the key of the backup")
    seen = Synced(monkeypatch, tmp_path / "secret_key")
    backup._restore_key(found)
    assert [(kind, named) for kind, _size, named in seen.done] == [("file", False), ("folder", True)]
    assert seen.done[0][1] == len(b"the key of the backup")
    assert (tmp_path / "secret_key").read_bytes() == b"the key of the backup" and mode(tmp_path / "secret_key") == 0o600
    monkeypatch.setenv("OTKLIK_SECRET_KEY", "given " * 10)
    (tmp_path / "secret_key").unlink()
    backup._restore_key(found)
    assert not (tmp_path / "secret_key").exists(), "the environment's key counts"


def test_ab_105_who_was_erased_stands_on_the_list_on_the_disk_line_by_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.ERASED_LIST = tmp_path / "lists" / "erased"
    seen = Synced(monkeypatch, settings.ERASED_LIST)
    for number in (7, 8):
        keep_tombstone(Person(pk=number, created_at=START))
    size = settings.ERASED_LIST.stat().st_size
    assert [kind for kind, _size, _named in seen.done] == ["file", "file"] and seen.done[-1][1] == size
    assert [one.person for one in read_list(settings.ERASED_LIST)] == [7, 8]
    assert read_list(settings.ERASED_LIST)[0].made_at == START and mode(settings.ERASED_LIST) == 0o600
    with settings.ERASED_LIST.open("a") as file:
        file.write("\n\n")
    assert len(read_list(settings.ERASED_LIST)) == 2
    strange: tuple[Any, ...] = ({"person": 7}, {"made_at": "2026-11-02"}, [], 7)
    for wrong in strange:
        settings.ERASED_LIST.write_text(json.dumps(wrong))
        with pytest.raises(ValueError, match="no list of erased"):
            read_list(settings.ERASED_LIST)
