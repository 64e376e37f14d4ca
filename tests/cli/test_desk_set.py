"""`otklik desk set`: a desk's mail settings."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from otklik.cli.desk import app
from otklik.cli.files import app as files_app
from otklik.core import blobs
from otklik.core.models import UnusedBlob
from otklik.journal.models import Event
from tests.cast import Cast


@pytest.fixture(autouse=True)
def _own_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the command from starting the embedded server; it uses the test's database."""
    monkeypatch.setenv("DATABASE_URL", "postgresql:///as-configured")


def test_people_in_cc_can_be_left_to_the_agents(cast: Cast) -> None:
    said = CliRunner().invoke(app, ["set", "accredo", "--cc", "no"])
    assert said.exit_code == 0 and "wait for an agent" in said.output
    cast.desk.refresh_from_db()
    assert cast.desk.cc_joins is False and Event.objects.filter(kind="desk.changed").count() == 1
    assert json.loads(CliRunner().invoke(app, ["show", "ACCREDO", "--json"]).output)["cc_joins"] is False
    assert CliRunner().invoke(app, ["set", "ACCREDO", "--cc", "yes"]).exit_code == 0
    assert CliRunner().invoke(app, ["set", "ACCREDO", "--cc", "maybe"]).exit_code == 2


def test_how_long_mail_is_kept_can_be_said_kind_by_kind(cast: Cast) -> None:
    said = CliRunner().invoke(app, ["set", "ACCREDO", "--keep-originals", "365", "--keep-sent", "forever"])
    assert said.exit_code == 0 and "keep originals: 365 days" in said.output and "for ever" in said.output
    cast.desk.refresh_from_db()
    assert (cast.desk.keep_originals, cast.desk.keep_sent, cast.desk.keep_machine_mail) == (365, 0, None)
    assert CliRunner().invoke(app, ["set", "ACCREDO", "--keep-originals", "site"]).exit_code == 0
    cast.desk.refresh_from_db()
    assert cast.desk.keep_originals is None and cast.desk.keep_sent == 0
    for wrong in (["--keep-sent", "29"], ["--keep-sent", "-1"], ["--keep-sent", "long"], []):
        assert CliRunner().invoke(app, ["set", "ACCREDO", *wrong]).exit_code == 2, wrong


def test_files_that_nothing_names_are_swept_by_hand(cast: Cast, home: Path) -> None:
    digest, _ = blobs.put(b"nobody's")
    os.utime(blobs.path_of(digest), (0, 0))
    for words, says in (
        (["sweep", "--only-look"], "1 files, 1 of them unused, 0 removed"),
        (["sweep"], "1 files, 1 of them unused, 0 removed"),
    ):
        assert says in CliRunner().invoke(files_app, words).output
    UnusedBlob.objects.update(since=cast.desk.created_at - timedelta(days=400))
    assert "0 removed" in CliRunner().invoke(files_app, ["sweep", "--only-look"]).output
    assert "1 files, 1 of them unused, 1 removed" in CliRunner().invoke(files_app, ["sweep"]).output
    assert not blobs.path_of(digest).exists()
