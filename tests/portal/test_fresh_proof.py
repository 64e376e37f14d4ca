"""Changes of login and mail settings need a recent login and end all other sessions (AB-35)."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern
from pytest_django.fixtures import Settings

from otklik.people.models import ApiToken, DataExport, ErasureRequest
from otklik.portal.urls import urlpatterns
from tests.cast import START, Cast
from tests.portal.helpers import as_, logged_in
from tests.portal.test_second_factor import set_up

PROFILE = "/servicedesk/customer/user/profile"
HOME = "anna@home.test"
REQUESTS = "/servicedesk/customer/user/requests"
# Pages that only show, and acts that give nobody power over the account. The password has a proof of its own.
NEEDS_NO_PROOF = {
    "profile", "contacts", "notices", "own_data", "security", "password", "confirm_address", "address_works",
    "add_phone", "remove_phone", "keep_data", "end_session", "end_other_sessions",
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_throttle_yet(db: None) -> None:
    cache.clear()


def sensitive() -> list[str]:
    """Return every address below the profile not listed as harmless, with ids filled in."""
    routes = [
        (str(one.pattern), one.name)
        for one in urlpatterns
        if isinstance(one, URLPattern) and str(one.pattern).startswith(PROFILE[1:])
    ]
    return [
        f"/{route}".replace("<int:passkey_id>", "1").replace("<int:token_id>", "1")
        for route, name in routes
        if name not in NEEDS_NO_PROOF
    ]


def test_ab_35_every_act_on_the_account_wants_a_proof_of_the_last_minutes(cast: Cast, settings: Settings) -> None:
    settings.OIDC_ISSUER = "https://sso.test"
    EmailAddress.objects.create(user=cast.anna, email=HOME, verified=True)
    DataExport.objects.create(person=cast.anna, asked_at=START, ready_at=START, expires_at="2099-01-01T00:00Z")
    ApiToken.objects.create(
        pk=1, person=cast.anna, name="x", prefix="x", digest="d" * 64, created_at=START, expires_at=START
    )
    Authenticator.objects.create(pk=1, user=cast.anna, type=Authenticator.Type.WEBAUTHN, data={"name": "x"})
    stolen, paths = as_(cast.anna), sensitive()
    assert len(paths) >= 15
    for path in paths:
        reads = path.rpartition("/")[2] in {"recovery-codes", "archive"}
        response = stolen.get(path) if reads else stolen.post(path, {"address": HOME, "email": "x@home.test"})
        assert "/user/confirm" in response.get("Location", ""), path
    assert EmailAddress.objects.filter(user=cast.anna).count() == 2 and ApiToken.objects.filter(pk=1).exists()
    assert Authenticator.objects.filter(pk=1).exists() and not ErasureRequest.objects.exists()
    assert DataExport.objects.get().ready_at == START


def chosen(client: Client) -> Any:
    return client.post(f"{PROFILE}/addresses/primary", {"address": HOME})


def app_on(client: Client) -> Any:
    return set_up(client)


def app_off(client: Client) -> Any:
    return client.post(f"{PROFILE}/second-factor/off")


def passkey_off(client: Client) -> Any:
    return client.post(f"{PROFILE}/passkeys/1/remove")


@pytest.mark.parametrize("act", [chosen, app_on, app_off, passkey_off])
def test_ab_35_whoever_else_was_in_is_out_after_it(cast: Cast, act: Callable[[Client], Any]) -> None:
    EmailAddress.objects.create(user=cast.anna, email=HOME, verified=True)
    here = logged_in(cast.anna)
    if act is app_off:
        set_up(here)
    if act is passkey_off:
        Authenticator.objects.create(pk=1, user=cast.anna, type=Authenticator.Type.WEBAUTHN, data={"name": "x"})
    there, boris = as_(cast.anna), as_(cast.boris)
    assert there.get(REQUESTS).status_code == 200
    act(here)
    assert there.get(REQUESTS).status_code == 302, "the other browser is logged out"
    assert here.get(REQUESTS).status_code == boris.get(REQUESTS).status_code == 200


def test_ab_40_nobody_revokes_anothers_token_even_after_a_fresh_proof(cast: Cast) -> None:
    row = ApiToken.objects.create(
        person=cast.agent, name="x", prefix="x", digest="d" * 64, created_at=START, expires_at=START
    )
    for who in (cast.anna, cast.lead, cast.admin):
        assert logged_in(who).post(f"{PROFILE}/tokens/{row.pk}/revoke").status_code == 404
    assert ApiToken.objects.filter(pk=row.pk).exists()


def test_the_token_that_is_meant_is_revoked_and_no_other_own_one(cast: Cast) -> None:
    kept, meant = (
        ApiToken.objects.create(
            person=cast.agent, name=name, prefix=name, digest=name * 64, created_at=START, expires_at=START
        )
        for name in "ab"
    )
    assert logged_in(cast.agent).post(f"{PROFILE}/tokens/{meant.pk}/revoke").status_code == 302
    assert ApiToken.objects.get() == kept


def test_ab_35_nobody_removes_anothers_passkey_or_fetches_anothers_archive(cast: Cast) -> None:
    Authenticator.objects.create(pk=1, user=cast.boris, type=Authenticator.Type.WEBAUTHN, data={"name": "x"})
    DataExport.objects.create(person=cast.boris, asked_at=START, ready_at=START, expires_at="2099-01-01T00:00Z")
    anna = logged_in(cast.anna)
    assert anna.post(f"{PROFILE}/passkeys/1/remove").status_code == 404
    assert anna.get(f"{PROFILE}/data/archive").status_code == 404
    assert Authenticator.objects.filter(pk=1).exists()


@pytest.mark.parametrize(("seconds", "asked"), [(280, False), (310, True)])
def test_ab_35_a_proof_counts_for_five_minutes(cast: Cast, seconds: int, asked: bool) -> None:
    anna = logged_in(cast.anna)
    session = anna.session
    session[AUTHENTICATION_METHODS_SESSION_KEY][-1]["at"] -= seconds
    session.save()
    response = anna.post(f"{PROFILE}/data/export")
    assert ("/user/confirm" in response["Location"]) is asked
    assert DataExport.objects.exists() is not asked
