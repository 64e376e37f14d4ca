"""API tokens."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from typer.testing import CliRunner

from otklik.cli import token as cli
from otklik.journal.models import Event
from otklik.people.actor import system
from otklik.people.commands.api_tokens import add_token, person_by_token, revoke_token
from otklik.people.models import ApiToken
from tests.cast import START, Cast
from tests.portal.helpers import as_, logged_in
from tests.refusing import refused_as


def test_ab_40_a_token_is_shown_once_and_kept_as_a_hash(cast: Cast) -> None:
    row, secret = add_token(actor=system("cli"), at=START, person=cast.agent, name="  Отчёты ")
    assert secret.startswith("otklik_") and len(secret) == 50 and row.name == "Отчёты"
    stored = str(list(ApiToken.objects.values_list())) + str(list(Event.objects.values_list("data", "kind")))
    assert secret not in stored and secret[12:] not in stored
    assert person_by_token(secret=secret, at=START) == cast.agent


def test_ab_40_a_token_ends_by_time_by_hand_and_with_its_person(cast: Cast) -> None:
    row, secret = add_token(actor=system("cli"), at=START, person=cast.agent, name="x")
    assert person_by_token(secret=secret, at=START + timedelta(days=90)) is None
    cast.agent.is_active = False
    cast.agent.save()
    assert person_by_token(secret=secret, at=START) is None
    cast.agent.is_active = True
    cast.agent.save()
    revoke_token(actor=system("cli"), at=START, token=row)
    assert person_by_token(secret=secret, at=START) is None


@pytest.mark.parametrize("wrong", ["", "otklik_", "otklik_" + "x" * 43, "x" * 50, "otklik_\udcff" + "x" * 42, "%"])
def test_ab_28_invented_tokens_open_nothing(cast: Cast, wrong: str) -> None:
    add_token(actor=system("cli"), at=START, person=cast.agent, name="x")
    assert person_by_token(secret=wrong, at=START) is None


def test_the_last_use_is_known(cast: Cast) -> None:
    row, secret = add_token(actor=system("cli"), at=START, person=cast.agent, name="x")
    for minutes, seen in ((0, 0), (3, 0), (6, 6)):
        person_by_token(secret=secret, at=START + timedelta(minutes=minutes))
        row.refresh_from_db()
        assert row.last_used_at == START + timedelta(minutes=seen)


def test_ab_40_a_person_sees_and_revokes_own_tokens_only(cast: Cast) -> None:
    cache.clear()
    row, secret = add_token(actor=system("cli"), at=timezone.now(), person=cast.agent, name="Отчёты")
    page = "/servicedesk/customer/user/profile"
    agent, anna = logged_in(cast.agent), logged_in(cast.anna)
    shown = agent.get(f"{page}/security").content.decode()
    assert "Отчёты" in shown and secret not in shown
    assert anna.post(f"{page}/tokens/{row.pk}/revoke").status_code == 404
    assert "/user/confirm" in as_(cast.agent).post(f"{page}/tokens/{row.pk}/revoke")["Location"]
    assert agent.post(f"{page}/tokens/{row.pk}/revoke").status_code == 302
    assert person_by_token(secret=secret, at=timezone.now()) is None


@pytest.mark.parametrize("scopes", [["read"], ["write"], ["read", "admin"], ["read", "write", "admin"]])
def test_a_token_does_what_its_scopes_say_and_no_more(cast: Cast, scopes: list[str]) -> None:
    row, secret = add_token(actor=system("cli"), at=START, person=cast.agent, name="x", scopes=scopes)
    assert row.scopes == scopes
    for scope in ("read", "write", "admin"):
        found = person_by_token(secret=secret, at=START, scope=scope)
        assert found == (cast.agent if scope in scopes else None), scope
    assert person_by_token(secret=secret, at=START, scope="else") is None


def test_a_token_works_so_often_in_a_minute_and_again_in_the_next(cast: Cast) -> None:
    _row, secret = add_token(actor=system("cli"), at=START, person=cast.agent, name="x", rate=2)
    for seconds, works in ((0, True), (30, True), (59, False), (60, True), (70, True), (80, False), (200, True)):
        at = START + timedelta(seconds=seconds)
        if works:
            assert person_by_token(secret=secret, at=at) == cast.agent, seconds
        else:
            with refused_as("person.rate_exceeded"):
                person_by_token(secret=secret, at=at)
    # A clock set back begins a minute anew, and never shuts the script out until then.
    assert person_by_token(secret=secret, at=START) == cast.agent


def test_tokens_that_there_were_may_do_everything(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_apitoken (person_id, name, prefix, digest, created_at, expires_at)"
            " VALUES (%s, 'x', 'x', 'x', now(), now()) RETURNING scopes, rate",
            [cast.agent.pk],
        )
        assert cursor.fetchone() == (["read", "write", "admin"], None)


def test_the_command_line_says_what_a_token_may_do(cast: Cast) -> None:
    words = ["add", "agent@desk.test", "--name", "Отчёты", "--scope", "read", "--rate", "60"]
    assert CliRunner().invoke(cli.app, words).exit_code == 0
    assert "Отчёты  read 60/min  until" in CliRunner().invoke(cli.app, ["list", "agent@desk.test"]).output
    assert "читает" in as_(cast.agent).get("/servicedesk/customer/user/profile/security").content.decode()
