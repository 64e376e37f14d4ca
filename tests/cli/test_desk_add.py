"""`otklik desk add`, and under which name a first start is shown."""

import pytest
from typer.testing import CliRunner

from otklik.cli.desk import app
from otklik.cli.up import _bound, _local_url
from otklik.desks.models import Desk
from tests.cast import Cast


@pytest.mark.parametrize("typed", ["lab", "Lab", " LAB "])
def test_the_key_is_raised_by_the_command(cast: Cast, monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql:///as-configured")
    said = CliRunner().invoke(app, ["add", typed, "--name", "Лаборатория", "--address", "lab@desk.test"])
    assert said.exit_code == 0 and said.output.startswith("LAB: ")
    assert Desk.objects.filter(key="LAB").exists()


def test_what_is_no_key_in_capitals_either_is_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql:///as-configured")
    for typed in ("лаб", "l", "lab-1", "1lab"):
        said = CliRunner().invoke(app, ["add", typed, "--name", "x", "--address", "lab@desk.test"])
        assert said.exit_code != 0, typed


def test_the_first_start_is_shown_under_a_name_for_which_passkeys_are_made() -> None:
    assert _local_url("localhost", 8000) == "http://localhost:8000" and _bound("localhost", 8000) == ("127.0.0.1", 8000)
    assert _local_url("127.0.0.1", 8123) == "http://127.0.0.1:8123", "who says a number gets it"
    assert _local_url("0.0.0.0", 80) == "http://127.0.0.1"
