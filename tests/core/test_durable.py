"""What is on disk when a row that refers to it is committed; other commits keep their durability."""

import fcntl
import os
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from otklik.core import blobs
from otklik.core.durability import commit_without_fsync
from otklik.core.models import Submission
from otklik.core.row_queue import RowQueue


class Disk:
    """Records the real calls in order: which inode was synced and when a file got its name."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.done: list[tuple[str, int]] = []
        sync, rename = os.fsync, Path.rename

        def noted_sync(handle: int) -> None:
            sync(handle)
            self.done.append(("sync", os.fstat(handle).st_ino))

        def noted_rename(path: Path, target: Path) -> Path:
            new = rename(path, target)
            self.done.append(("rename", new.stat().st_ino))
            return new

        patch.setattr(os, "fsync", noted_sync)
        patch.setattr(Path, "rename", noted_rename)


def folders(digest: str) -> set[int]:
    target = blobs.path_of(digest)
    assert target.parents[2] == Path(settings.FILES)
    return {folder.stat().st_ino for folder in target.parents[:3]}


def test_a_file_is_synced_before_it_has_its_name_and_each_folder_after(home: Path, monkeypatch: Any) -> None:
    disk = Disk(monkeypatch)
    digest, _size = blobs.put([b"a scan", b" in two parts"])
    file = blobs.path_of(digest).stat().st_ino
    assert disk.done[:2] == [("sync", file), ("rename", file)]
    assert {inode for act, inode in disk.done[2:] if act == "sync"} == folders(digest)


def test_a_file_that_is_there_already_has_its_folders_synced_too(home: Path, monkeypatch: Any) -> None:
    digest, _size = blobs.put(b"whoever stored it first may not have come so far")
    disk = Disk(monkeypatch)
    assert blobs.put(b"whoever stored it first may not have come so far")[0] == digest
    assert {inode for act, inode in disk.done if act == "sync"} >= folders(digest)
    assert "rename" not in {act for act, _inode in disk.done}


def waits() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        return str(cursor.fetchone()[0])


@pytest.fixture
def waiting(transactional_db: None) -> Any:
    """Make the connection's commits wait for the disk, as in production."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO on")
    yield
    connection.close()


def test_work_that_can_be_done_again_lets_nothing_after_it_wait_less(waiting: None) -> None:
    with transaction.atomic():
        commit_without_fsync()
        assert waits() == "off"
    assert waits() == "on"


@pytest.mark.parametrize("fails", [False, True])
def test_a_batch_waits_less_inside_its_own_transactions_only(waiting: None, fails: bool) -> None:
    Submission.objects.create(mark="x", at="2026-11-02T09:00Z")
    seen: list[str] = []

    def work(rows: list[Submission], at: Any) -> None:
        seen.append(waits())
        if fails:
            raise ValueError("x")

    def failed(pk: Any, error: Exception) -> None:
        seen.append(waits())

    batches = RowQueue("x", lambda at, only, but: list(Submission.objects.all()), work, failed)
    assert batches.next()
    assert seen == (["off", "on"] if fails else ["off"])
    assert waits() == "on"


def test_what_is_stored_again_is_young_again_and_stays(home: Path) -> None:
    """The row that will refer to it is not committed yet; the sweep goes by the file's time."""
    digest, _size = blobs.put(b"the same act as last year")
    os.utime(blobs.path_of(digest), (0, 0))
    before = timezone.now()
    blobs.put(b"the same act as last year")
    assert not blobs.remove(digest, before=before - timedelta(seconds=1)) and blobs.path_of(digest).exists()
    os.utime(blobs.path_of(digest), (0, 0))
    assert blobs.remove(digest, before=before) and not blobs.path_of(digest).exists()


def test_nobody_removes_a_file_while_somebody_stores_one(home: Path) -> None:
    """Between checking that it exists and renewing its time nobody may remove it."""
    digest, _size = blobs.put(b"x")
    os.utime(blobs.path_of(digest), (0, 0))
    removed: list[bool] = []
    remover = threading.Thread(target=lambda: removed.append(blobs.remove(digest, before=timezone.now())))
    with blobs._locked(fcntl.LOCK_SH):
        remover.start()
        remover.join(0.5)
        assert remover.is_alive() and not removed and blobs.path_of(digest).exists()
        blobs.put(b"x")  # others store meanwhile
    remover.join(10)
    assert removed == [False]
