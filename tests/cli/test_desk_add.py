"""`otklik desk add`, and the site's host name at a first start."""

from typing import Any

import pytest
from typer.testing import CliRunner

from otklik.cli.desk import app
from otklik.cli.up import _bound, _local_url
from otklik.desks.commands.create import add_desk, set_role
from otklik.desks.models import Desk
from otklik.journal.models import Event
from otklik.people.actor import system
from tests.cast import START, Cast


@pytest.mark.parametrize("typed", ["lab", "Lab", " LAB "])
def test_the_key_is_raised_by_the_command(cast: Cast, monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql:///as-configured")
    said = CliRunner().invoke(app, ["add", typed, "--name", "Лаборатория", "--address", "lab@desk.test"])
    assert said.exit_code == 0 and said.output.startswith("LAB: ")
    assert Desk.objects.filter(key="LAB").exists()


@pytest.mark.parametrize("public", ["", "https://help.example.org"])
def test_an_address_that_nobody_has_said_is_not_printed(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: Any, public: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql:///as-configured")
    monkeypatch.setenv("OTKLIK_PUBLIC_URL", public)
    settings.PUBLIC_URL = public or "http://127.0.0.1:8000"
    said = CliRunner().invoke(app, ["add", "LAB", "--name", "Лаборатория", "--address", "lab@desk.test"])
    page = f"LAB: {public}/servicedesk/customer/portal/{Desk.objects.get(key='LAB').pk}\n"
    assert said.output.startswith(page)
    assert ("is not set" in said.output) == (not public)


def test_the_journal_tells_of_a_new_desk_and_of_who_works_there(cast: Cast) -> None:
    cli = system("cli")
    lab = add_desk(actor=cli, at=START, key="LAB", name="Lab", address="lab@desk.test")
    for role in ("agent", "lead"):
        set_role(actor=cli, at=START, desk=lab, person=cast.stranger, role=role)
    told = Event.objects.filter(subject_kind="desk", subject_id=lab.pk).order_by("id").values_list("kind", "data")
    roles = [("desk.role_set", {"person": cast.stranger.pk, "role": role}) for role in ("agent", "lead")]
    assert [one for one in told if one[0] in {"desk.added", "desk.role_set"}] == [
        ("desk.added", {"key": "LAB", "address": "lab@desk.test"}), *roles,
    ]  # fmt: skip


def test_what_is_no_key_in_capitals_either_is_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql:///as-configured")
    for typed in ("лаб", "l", "lab-1", "1lab"):
        said = CliRunner().invoke(app, ["add", typed, "--name", "x", "--address", "lab@desk.test"])
        assert said.exit_code != 0, typed


def test_the_first_start_is_shown_under_a_name_for_which_passkeys_are_made() -> None:
    assert _local_url("localhost", 8000) == "http://localhost:8000" and _bound("localhost", 8000) == ("127.0.0.1", 8000)
    assert _local_url("127.0.0.1", 8123) == "http://127.0.0.1:8123", "who says a number gets it"
    assert _local_url("0.0.0.0", 80) == "http://127.0.0.1"
