"""The secret key is created once, completely, and readable by its owner only."""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from otklik.core.env import BadSetting
from otklik.core.secret_key import secret_key


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTKLIK_SECRET_KEY", raising=False)


def test_it_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    first = secret_key(tmp_path / "home")
    assert len(first) >= 64
    assert secret_key(tmp_path / "home") == first
    assert (tmp_path / "home" / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["secret_key"]


def test_processes_that_ask_at_once_get_the_same_key(tmp_path: Path) -> None:
    with ProcessPoolExecutor(8, get_context("spawn")) as pool:
        assert len(set(pool.map(secret_key, [tmp_path] * 8))) == 1


def test_it_is_on_the_disk_before_it_has_its_name_and_the_name_before_anything_is_signed_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a power failure a new key would invalidate all links and sessions."""
    done = list[tuple[str, int]]()
    sync, link = os.fsync, Path.hardlink_to

    def noted_sync(handle: int) -> None:
        sync(handle)
        done.append(("sync", os.fstat(handle).st_ino))

    def noted_link(path: Path, target: str) -> None:
        link(path, target)
        done.append(("name", path.stat().st_ino))

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(Path, "hardlink_to", noted_link)
    secret_key(tmp_path)
    key = (tmp_path / "secret_key").stat().st_ino
    assert done == [("sync", key), ("name", key), ("sync", tmp_path.stat().st_ino)]


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTKLIK_SECRET_KEY", "given")
    assert secret_key(tmp_path) == "given"
    assert list(tmp_path.iterdir()) == []


def test_a_home_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadSetting, match="cannot be used"):
        secret_key(tmp_path / "file")
