"""A password that was long enough only with a second factor, after the factor is removed (docs/accounts.md)."""

from importlib import import_module

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings
from typer.testing import CliRunner

from otklik.cli.person import app
from otklik.people.models import Person
from tests.cast import PASSWORD, Cast
from tests.portal.helpers import as_, logged_in, words_said
from tests.portal.test_second_factor import set_up

PROFILE = "/servicedesk/customer/user/profile"
REQUESTS = "/servicedesk/customer/user/requests"
HOME = "/servicedesk/customer/portals"
SHORT, LONG = "облако в ш", "облако в штанах"


@pytest.fixture(autouse=True)
def no_throttle_yet(db: None) -> None:
    cache.clear()


def kept_out(client: Client) -> bool:
    """Return whether every page outside the profile redirects to the page about the login."""
    for path in (HOME, REQUESTS, f"{REQUESTS}/export.csv", "/servicedesk/customer/user/approvals", "/browse/ACCREDO-1"):
        response = client.get(path)
        if response.status_code != 302 or response["Location"] != f"{PROFILE}/security":
            return False
    return client.get(f"{PROFILE}/security").status_code == 200


@pytest.fixture
def anna(cast: Cast) -> Client:
    """Return Anna's client: she has a second factor and a password of ten characters."""
    client = logged_in(cast.anna)
    set_up(client)
    new = {"oldpassword": PASSWORD, "password1": SHORT, "password2": SHORT}
    assert client.post(f"{PROFILE}/password", new)["Location"] == f"{PROFILE}/security"
    return client


def test_who_switches_it_off_chooses_a_longer_one_at_the_next_login(cast: Cast, anna: Client) -> None:
    assert anna.post(f"{PROFILE}/second-factor/off").status_code == 302
    assert anna.get(HOME).status_code == 200, "what is under way goes on"
    again = logged_in(cast.anna, SHORT)
    assert kept_out(again)
    assert "слишком короткий" in words_said(again.get(HOME))[-1]
    page = again.get(f"{PROFILE}/security").content.decode()
    assert "Не менее 15 знаков" in page
    new = {"oldpassword": SHORT, "password1": LONG, "password2": LONG}
    again.post(f"{PROFILE}/password", {**new, "password1": SHORT, "password2": SHORT})
    assert again.get(HOME).status_code == 302, "as short as before is not enough"
    again.post(f"{PROFILE}/password", new)
    assert again.get(HOME).status_code == logged_in(cast.anna, LONG).get(HOME).status_code == 200


def test_so_does_whose_factor_an_administrator_removes(cast: Cast, anna: Client) -> None:
    assert "second factor removed" in CliRunner().invoke(app, ["reset-factor", "anna@clinic.test"]).output
    assert kept_out(logged_in(cast.anna, SHORT))


def test_or_sets_a_factor_up_again(cast: Cast, anna: Client) -> None:
    anna.post(f"{PROFILE}/second-factor/off")
    again = logged_in(cast.anna, SHORT)
    set_up(again)
    assert again.get(HOME).status_code == 200


def test_a_password_long_enough_is_kept(cast: Cast) -> None:
    client = logged_in(cast.anna)
    set_up(client)
    client.post(f"{PROFILE}/second-factor/off")
    assert logged_in(cast.anna).get(HOME).status_code == 200


def test_no_password_is_not_too_short(cast: Cast, anna: Client) -> None:
    anna.post(f"{PROFILE}/second-factor/off")
    cast.anna.set_unusable_password()
    cast.anna.save()
    assert as_(cast.anna).get(HOME).status_code == 200


def test_beside_a_factor_of_before_it_is_not_known_how_long_it_is(cast: Cast) -> None:
    Authenticator.objects.create(user=cast.anna, type="totp", data={})
    Authenticator.objects.create(user=cast.boris, type="recovery_codes", data={})
    cast.lead.set_unusable_password()
    cast.lead.save()
    Authenticator.objects.create(user=cast.lead, type="webauthn", data={})
    import_module("otklik.people.migrations.0011_password_short").mark(apps, None)
    assert list(Person.objects.filter(password_short=True)) == [cast.anna]


def test_ab_39_staff_without_the_factor_they_must_have_get_no_further_than_the_profile(
    cast: Cast, settings: Settings
) -> None:
    settings.REQUIRE_2FA = "agents"
    assert kept_out(logged_in(cast.agent)) and not kept_out(logged_in(cast.anna))
