"""`otklik desk set`: how a desk treats mail."""

import json

import pytest
from typer.testing import CliRunner

from otklik.cli.desk import app
from otklik.journal.models import Event
from tests.cast import Cast


@pytest.fixture(autouse=True)
def _own_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command must not look after a database of its own: the test's is there."""
    monkeypatch.setenv("DATABASE_URL", "postgresql:///as-configured")


def test_people_in_cc_can_be_left_to_the_agents(cast: Cast) -> None:
    said = CliRunner().invoke(app, ["set", "accredo", "--cc", "no"])
    assert said.exit_code == 0 and "wait for an agent" in said.output
    cast.desk.refresh_from_db()
    assert cast.desk.cc_joins is False and Event.objects.filter(kind="desk.changed").count() == 1
    assert json.loads(CliRunner().invoke(app, ["show", "ACCREDO", "--json"]).output)["cc_joins"] is False
    assert CliRunner().invoke(app, ["set", "ACCREDO", "--cc", "yes"]).exit_code == 0
    assert CliRunner().invoke(app, ["set", "ACCREDO", "--cc", "maybe"]).exit_code == 2
