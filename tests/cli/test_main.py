"""The command line: help, version, errors, arguments, migrations and static files."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import pytest
import typer
from django.contrib.staticfiles.finders import get_finder
from django.db import connection
from pytest_django.fixtures import Settings
from typer.main import get_command

from otklik import __version__
from otklik.cli import startup
from otklik.cli.desk import app as desk_app
from otklik.cli.main import PARTS, with_clean_words
from otklik.desks.models import Desk
from tests.cli.running import environment, otklik
from tests.meanwhile import meanwhile


def test_help_names_every_part_and_touches_nothing(tmp_path: Path) -> None:
    done = otklik(tmp_path / "home", "--help")
    assert done.returncode == 0
    assert all(part.word in done.stdout for part in PARTS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("part", [part.word for part in PARTS if part.bare])
def test_every_bare_part_can_be_loaded_and_explains_itself(part: str, tmp_path: Path) -> None:
    done = otklik(tmp_path / "home", part, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert part in done.stdout and "completion" not in done.stdout


# What every other part begins with is done once; each is then loaded by a child of its own, beside none of the others.
CHILDREN = """
import os, sys
from otklik.cli import bootstrap, main
bootstrap.set_up()
for part in sys.argv[1:]:
    sys.stdout.flush()
    if not os.fork():
        with open(part + ".out", "w") as out, open(part + ".err", "w") as err:
            os.dup2(out.fileno(), 1), os.dup2(err.fileno(), 2)
        sys.argv[1:] = [part, "--help"]
        sys.exit(main.main())
    print(part, os.waitstatus_to_exitcode(os.wait()[1]))
"""


def test_every_other_part_can_be_loaded_and_explains_itself(tmp_path: Path) -> None:
    parts = [part.word for part in PARTS if not part.bare]
    done = subprocess.run(
        [sys.executable, "-P", "-c", CHILDREN, *parts],
        cwd=tmp_path, env=environment(tmp_path / "home"), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines() == [f"{part} 0" for part in parts]
    # Typer would offer to install its completion for each part as if that were the program.
    assert [part for part in parts if "completion" in (tmp_path / f"{part}.out").read_text()] == []
    for part in parts:
        assert (tmp_path / f"{part}.err").read_text() == ""
        assert part in (tmp_path / f"{part}.out").read_text()


def test_the_version_is_said(tmp_path: Path) -> None:
    assert otklik(tmp_path, "--version").stdout == f"otklik {__version__}\n"


@pytest.mark.parametrize(
    "words", [["nonsense"], ["up", "--http", "8000"], ["up", "--http", "127.0.0.1:99999"], ["up", "--nonsense"]]
)
def test_wrong_words_end_with_2(words: list[str], tmp_path: Path) -> None:
    done = otklik(tmp_path / "home", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("И\u0306ошкар-Ола", "Йошкар-Ола"),
        ("a\udcd0b", "a\ufffdb"),  # a byte that is not UTF-8, as Python reads the command line
        ("a\r\nc", "a\nc"),
    ],
)
def test_words_of_the_command_line_are_cleaned_and_paths_are_not(typed: str, kept: str) -> None:
    app, seen = typer.Typer(), list[object]()

    @app.command("one")
    def one(
        word: str,
        path: Path,
        file: str,
        name: Annotated[str, typer.Option()] = "",
        more: Annotated[list[str] | None, typer.Option()] = None,
    ) -> None:
        seen.extend([word, path, file, name, *(more or ())])

    @app.command("two")
    def two(word: str) -> None:
        seen.append(word)

    with_clean_words(get_command(app))(
        ["one", typed, typed, typed, "--name", typed, "--more", typed], standalone_mode=False
    )
    assert seen == [kept, Path(typed), typed, kept, kept]


def test_a_desk_made_by_the_command_line_is_found_by_its_name(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql:///as-configured")
    words = ["add", "YOLA", "--name", "И\u0306ошкар-Ола", "--address", "yola@desk.test"]
    with_clean_words(get_command(desk_app))(words, standalone_mode=False)
    assert Desk.objects.get(key="YOLA").name == "Йошкар-Ола"


def test_one_at_a_time_brings_the_database_to_this_version(transactional_db: None) -> None:
    def other() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [0x6F746B6C696B])

    with meanwhile(other) as first:
        assert startup.migrate_database() == 0
    assert first.waited and first.failure is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert cursor.fetchone() == (0,), "the next one need not wait"


def test_static_files_are_copied_once_and_again_when_one_changed(settings: Settings, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    sheet = source / "a.css"
    sheet.write_text("a{}", encoding="utf-8")
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [str(source)], str(tmp_path / "static")
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    get_finder.cache_clear()
    copy = tmp_path / "static" / "a.css"
    try:
        startup.collect_static()
        assert copy.read_text(encoding="utf-8") == "a{}"
        copy.unlink()
        startup.collect_static()
        assert not copy.exists(), "nothing changed"
        sheet.write_text("a{ }", encoding="utf-8")
        startup.collect_static()
        assert copy.read_text(encoding="utf-8") == "a{ }"
    finally:
        get_finder.cache_clear()
