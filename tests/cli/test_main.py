"""The words of the command line."""

from pathlib import Path

import pytest

from otklik import __version__
from otklik.cli.main import PARTS
from tests.cli.running import otklik


def test_help_names_every_part_and_touches_nothing(tmp_path: Path) -> None:
    done = otklik(tmp_path / "home", "--help")
    assert done.returncode == 0
    assert all(part.word in done.stdout for part in PARTS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("part", [part.word for part in PARTS])
def test_every_part_can_be_loaded_and_explains_itself(part: str, tmp_path: Path) -> None:
    done = otklik(tmp_path / "home", part, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert part in done.stdout


def test_the_version_is_said(tmp_path: Path) -> None:
    assert otklik(tmp_path, "--version").stdout == f"otklik {__version__}\n"


@pytest.mark.parametrize(
    "words", [["nonsense"], ["up", "--http", "8000"], ["up", "--http", "127.0.0.1:99999"], ["up", "--nonsense"]]
)
def test_wrong_words_end_with_2(words: list[str], tmp_path: Path) -> None:
    done = otklik(tmp_path / "home", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert list(tmp_path.iterdir()) == []
