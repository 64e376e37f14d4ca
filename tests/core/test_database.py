"""The database's URL and connection."""

import os
from pathlib import Path

import pytest

from otklik.core.database import database_settings
from otklik.core.embedded_postgres import SOCKET_NAME, SOCKET_PATH_LIMIT, socket_directory
from otklik.core.env import BadSetting


@pytest.fixture(autouse=True)
def _no_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("DATABASE_URL_FILE", raising=False)


def test_without_a_url_the_embedded_server_of_the_home_is_meant(tmp_path: Path) -> None:
    found = database_settings(tmp_path)
    assert (found["HOST"], found["NAME"], found["USER"]) == (str(tmp_path / "postgres"), "otklik", "otklik")
    assert found["CONN_HEALTH_CHECKS"] is True
    assert list(tmp_path.iterdir()) == []


def test_a_url_is_read_with_all_its_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "DATABASE_URL",
        "postgresql://me:p%40ss%2F@db.example:6432/desk?sslmode=verify-full&target_session_attrs=read-write",
    )
    found = database_settings(tmp_path)
    assert [found[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "me",
        "p@ss/",
        "db.example",
        "6432",
        "desk",
    ]
    assert found["OPTIONS"]["sslmode"] == "verify-full"
    assert found["OPTIONS"]["target_session_attrs"] == "read-write"


def test_several_hosts_are_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u@a:5432,b:5433/desk")
    found = database_settings(tmp_path)
    assert (found["HOST"], found["PORT"]) == ("a,b", "5432,5433")


def test_a_url_may_stand_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql://u:secret@db/desk\n", encoding="utf-8")
    monkeypatch.setenv("DATABASE_URL_FILE", str(secret))
    assert database_settings(tmp_path)["PASSWORD"] == "secret"


@pytest.mark.parametrize(
    "url", ["mysql://u:secret@db/x", "postgresql://u:secret@db", "postgresql://u:secret@db/x?nonsense=1", "secret"]
)
def test_ab_64_a_bad_url_is_refused_without_being_repeated(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(BadSetting) as refusal:
        database_settings(tmp_path)
    assert "DATABASE_URL" in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_the_socket_of_a_long_home_has_a_short_path_of_its_own() -> None:
    long = Path("/srv") / ("x" * 150)
    other = Path("/srv") / ("x" * 149 + "y")
    assert len(os.fsencode(socket_directory(long) / SOCKET_NAME)) <= SOCKET_PATH_LIMIT
    assert socket_directory(long) == socket_directory(long)
    assert socket_directory(long) != socket_directory(other)
