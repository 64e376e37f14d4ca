"""`otklik database`: copies of the embedded database kept after an upgrade, and their removal."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from otklik.cli.database import app


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the database directory of a home that was upgraded from two older versions."""
    monkeypatch.setenv("OTKLIK_HOME", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    for name, version in {"data": "18", "data.15": "15", "data.16": "16"}.items():
        folder = tmp_path / "postgres" / name
        folder.mkdir(parents=True)
        (folder / "PG_VERSION").write_text(f"{version}\n", encoding="utf-8")
    return tmp_path / "postgres" / "data"


def test_it_shows_what_holds_the_data_and_what_is_kept(data: Path) -> None:
    lines = CliRunner().invoke(app, ["show"]).output.splitlines()
    assert (
        lines[0].startswith(f"{data}: PostgreSQL 18")
        and [".15: kept" in lines[1], ".16: kept" in lines[2]] == [True] * 2
    )


def test_old_files_go_when_that_is_confirmed(data: Path) -> None:
    assert CliRunner().invoke(app, ["forget"], input="n\n").exit_code == 1 and len(list(data.parent.iterdir())) == 3
    assert "Removed." in CliRunner().invoke(app, ["forget"], input="y\n").output
    assert [folder.name for folder in data.parent.iterdir()] == ["data"]
    assert "nothing to forget" in CliRunner().invoke(app, ["forget", "--yes"]).output


def test_nothing_goes_where_the_old_files_may_be_all_there_is(data: Path) -> None:
    data.rename(data.with_name("data.moved"))
    done = CliRunner().invoke(app, ["forget", "--yes"])
    assert done.exit_code == 1 and "may be all there is" in done.output
    assert (data.parent / "data.15").exists()


def test_an_external_database_has_no_files_here(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql:///elsewhere")
    assert "external" in CliRunner().invoke(app, ["show"]).output
    assert (
        "nothing to forget" in CliRunner().invoke(app, ["forget", "--yes"]).output
        and (data.parent / "data.15").exists()
    )
