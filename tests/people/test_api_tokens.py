"""Keys of scripts."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from otklik.journal.models import Event
from otklik.people.actor import system
from otklik.people.commands.api_tokens import UnableToMakeToken, add_token, person_by_token, revoke_token
from otklik.people.models import ApiToken
from tests.cast import START, Cast
from tests.portal.helpers import as_, logged_in


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


def test_a_token_needs_a_name(cast: Cast) -> None:
    with pytest.raises(UnableToMakeToken):
        add_token(actor=system("cli"), at=START, person=cast.agent, name=" ")


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
