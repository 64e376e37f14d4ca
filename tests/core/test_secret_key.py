"""The key is made once, whole, and for its owner only."""

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


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTKLIK_SECRET_KEY", "given")
    assert secret_key(tmp_path) == "given"
    assert list(tmp_path.iterdir()) == []


def test_a_home_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadSetting, match="cannot be used"):
        secret_key(tmp_path / "file")
