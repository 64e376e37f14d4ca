"""Commands in forks behave like commands in a new Python."""

import subprocess
from pathlib import Path

import pytest

from tests.cli import forked, running


@pytest.mark.parametrize(
    ("words", "more"),
    [
        (["--version"], {}),
        (["nonsense"], {}),
        (["desk", "list"], {"OTKLIK_PUBLIC_URL": "desk.example.org"}),
        (["desk", "list"], {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}),
        (["mail", "parse", "-"], {}),
    ],
)
def test_a_fork_says_what_a_new_python_says(words: list[str], more: dict[str, str], tmp_path: Path) -> None:
    mail = "From: anna@clinic.test\nSubject: Printer\n\nIt does not print.\n"
    fork, other = (how.otklik(tmp_path / "home", *words, given=mail, **more) for how in (forked, running))
    assert (fork.returncode, fork.stdout, fork.stderr) == (other.returncode, other.stdout, other.stderr)
    assert fork.stdout + fork.stderr


def test_each_has_its_own_settings(tmp_path: Path) -> None:
    bad = forked.otklik(tmp_path, "doctor", OTKLIK_PUBLIC_URL="desk")
    good = forked.otklik(tmp_path, "doctor", OTKLIK_PUBLIC_URL="https://desk.example.org")
    assert "OTKLIK_PUBLIC_URL must look like" in bad.stdout
    assert "OTKLIK_PUBLIC_URL must look like" not in good.stdout


def test_one_that_takes_too_long_is_killed_and_the_next_is_run(tmp_path: Path) -> None:
    server = forked.Server()
    environment = running.environment(tmp_path)
    with pytest.raises(subprocess.TimeoutExpired):
        server.run(("doctor",), environment, "", 0.01)
    assert server.run(("--version",), environment, "", 20).stdout.startswith("otklik ")
