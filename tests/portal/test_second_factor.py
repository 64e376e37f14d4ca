"""The second factor: app codes, recovery codes, and that no login bypasses it."""

import re
import time
from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks, Settings

from otklik.people.commands.account_activation import issue_activation
from otklik.people.models import Person
from otklik.portal.views import forgot_password
from tests.cast import PASSWORD, Cast
from tests.portal.helpers import as_, logged_in, mailed, path_in
from tests.portal.test_login_code import asked, code_for

PROFILE = "/servicedesk/customer/user/profile"
LOGIN = "/servicedesk/customer/user/login"
SECOND = f"{LOGIN}/second-factor"
REQUESTS = "/servicedesk/customer/user/requests"


@pytest.fixture(autouse=True)
def quick(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(forgot_password, "SECONDS", 0.0)


def app_code(secret: str, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def set_up(client: Client) -> str:
    """Enable the authenticator app; return its secret."""
    page = client.get(f"{PROFILE}/second-factor").content.decode()
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    assert found and 'src="data:image/svg+xml;base64,' in page
    secret = found.group(1).replace(" ", "")
    response = client.post(f"{PROFILE}/second-factor", {"code": app_code(secret)})
    assert response["Location"] == f"{PROFILE}/recovery-codes"
    cache.clear()  # as if some minutes had passed: the code is forgotten as used
    return secret


def recovery_codes(client: Client) -> list[str]:
    return re.findall(r"<code>(\d+)</code>", client.get(f"{PROFILE}/recovery-codes").content.decode())


def half_logged_in(person: Person) -> Client:
    client = Client()
    response = client.post(LOGIN, {"login": person.email, "password": PASSWORD})
    assert response["Location"].startswith(SECOND)
    return client


def test_the_app_is_asked_for_after_the_password(
    cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        secret = set_up(logged_in(cast.anna))
    client = half_logged_in(cast.anna)
    assert client.get(REQUESTS).status_code == 302
    assert client.post(SECOND, {"code": "000000"}).status_code == 422
    assert client.post(SECOND, {"code": app_code(secret)}).status_code == 302
    assert client.get(REQUESTS).status_code == 200
    assert "запрашивается код из приложения" in mailed("anna@clinic.test", "account_notice").text


@pytest.mark.parametrize(("page", "wrong"), [("second-factor", {"code": "1"}), ("passkeys/add", {"credential": "x"})])
def test_what_does_not_fit_is_asked_for_again_and_sets_up_nothing(cast: Cast, page: str, wrong: dict[str, str]) -> None:
    anna = logged_in(cast.anna)
    for answer, status in (
        (anna.get(f"{PROFILE}/{page}", headers={"host": "localhost"}), 200),
        (anna.post(f"{PROFILE}/{page}", wrong, headers={"host": "localhost"}), 422),
    ):
        assert answer.status_code == status
    assert not Authenticator.objects.exists()


def test_a_code_of_the_app_works_once(cast: Cast) -> None:
    secret = set_up(logged_in(cast.anna))
    code = app_code(secret)
    assert half_logged_in(cast.anna).post(SECOND, {"code": code}).status_code == 302
    assert half_logged_in(cast.anna).post(SECOND, {"code": code}).status_code == 422


def test_a_code_counts_once_as_long_as_it_counts_at_all_also_the_one_of_the_set_up(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    client = logged_in(cast.anna)
    page = client.get(f"{PROFILE}/second-factor").content.decode()
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    assert found
    secret = found.group(1).replace(" ", "")
    first, next_one = app_code(secret), app_code(secret, 1)
    assert client.post(f"{PROFILE}/second-factor", {"code": first}).status_code == 302
    assert half_logged_in(cast.anna).post(SECOND, {"code": first}).status_code == 422
    assert half_logged_in(cast.anna).post(SECOND, {"code": next_one}).status_code == 302
    # The last second in which it counts: clocks of phones go wrong.
    last = now // 30 * 30 + 89
    monkeypatch.setattr(time, "time", lambda: last)
    monkeypatch.setattr("django.core.cache.backends.db.tz_now", lambda: datetime.fromtimestamp(last, UTC))
    assert half_logged_in(cast.anna).post(SECOND, {"code": next_one}).status_code == 422


def test_ten_recovery_codes_each_once(cast: Cast) -> None:
    client = logged_in(cast.anna)
    set_up(client)
    codes = recovery_codes(client)
    assert len(codes) == 10
    assert half_logged_in(cast.anna).post(SECOND, {"code": codes[0]}).status_code == 302
    assert half_logged_in(cast.anna).post(SECOND, {"code": codes[0]}).status_code == 422
    assert "Осталось 9 кодов" in client.get(f"{PROFILE}/security").content.decode()
    client.post(f"{PROFILE}/recovery-codes/new")
    assert not set(codes) & set(recovery_codes(client))


def test_the_secret_is_encrypted_at_rest(cast: Cast) -> None:
    client = logged_in(cast.anna)
    secret = set_up(client)
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored and not any(code in stored for code in recovery_codes(client))


def test_ab_35_nothing_about_factors_without_a_fresh_confirmation(cast: Cast) -> None:
    set_up(logged_in(cast.anna))
    stolen = as_(cast.anna)
    for method, path in (
        ("get", "second-factor"),
        ("post", "second-factor"),
        ("post", "second-factor/off"),
        ("get", "recovery-codes"),
        ("post", "recovery-codes/new"),
        ("get", "passkeys/add"),
    ):
        assert "/user/confirm" in getattr(stolen, method)(f"{PROFILE}/{path}")["Location"]
    assert Authenticator.objects.filter(user=cast.anna, type="totp").exists()


def test_ab_39_no_way_in_goes_around_the_second_factor(cast: Cast) -> None:
    set_up(logged_in(cast.anna))
    by_code = asked("anna@clinic.test")
    by_code.post(f"{LOGIN}/code/confirm", {"code": code_for("anna@clinic.test")})
    by_reset = Client()
    by_reset.post("/secure/ForgotLoginDetails.jspa", {"email": "anna@clinic.test"})
    link = path_in(mailed("anna@clinic.test", "password_reset"), "secure/ResetPassword/")
    by_reset.get(link)
    new = {"password1": "облако в штанах", "password2": "облако в штанах"}
    by_reset.post(link.split("-")[0] + "-set-password", new)
    by_activation = Client()
    by_activation.get(f"/secure/ActivateAccount/{issue_activation(person=cast.anna, at=timezone.now())}")
    by_activation.post("/servicedesk/customer/user/activate", new)
    for client in (by_code, by_reset, by_activation):
        assert client.get(REQUESTS).status_code == 302
        assert client.get(SECOND).status_code == 200, "the second step is what is asked for"
    assert Authenticator.objects.filter(user=cast.anna, type="totp").exists(), "a reset switches nothing off"


def test_ab_38_codes_cannot_be_guessed_at_length(cast: Cast) -> None:
    secret = set_up(logged_in(cast.anna))
    client = half_logged_in(cast.anna)
    for n in range(6):
        client.post(SECOND, {"code": f"00000{n}"})
    assert client.post(SECOND, {"code": app_code(secret)}).status_code == 422


def test_the_app_confirms_sensitive_acts(cast: Cast) -> None:
    secret = set_up(logged_in(cast.anna))
    stolen = as_(cast.anna)
    page = stolen.get(f"{PROFILE}/recovery-codes")["Location"]
    assert stolen.post(page, {"code": "1"}).status_code == 422
    assert stolen.post(page, {"code": app_code(secret)})["Location"] == f"{PROFILE}/recovery-codes"
    assert len(recovery_codes(stolen)) == 10


def test_switched_off_the_password_is_enough_again(cast: Cast) -> None:
    client = logged_in(cast.anna)
    set_up(client)
    assert client.post(f"{PROFILE}/second-factor/off").status_code == 302
    assert logged_in(cast.anna).get(REQUESTS).status_code == 200
    assert not Authenticator.objects.exists(), "recovery codes go, too"


def test_agents_may_be_made_to_have_one(cast: Cast, settings: Settings) -> None:
    settings.REQUIRE_2FA = "agents"
    agent, anna = logged_in(cast.agent), logged_in(cast.anna)
    assert agent.get("/projects/ACCREDO/queues")["Location"] == f"{PROFILE}/security"
    assert agent.get("/browse/ACCREDO-1")["Location"] == f"{PROFILE}/security"
    assert anna.get("/servicedesk/customer/portals").status_code == 200
    set_up(agent)
    assert agent.get("/browse/ACCREDO-1").status_code == 200


@pytest.mark.parametrize(
    "credential", ["", "x", "{}", "[]", '{"id": "a"}', '{"response": {"userHandle": "MQ"}}', "null"]
)
def test_ab_28_invented_passkeys_open_nothing(cast: Cast, credential: str) -> None:
    client = Client()
    client.get(f"{LOGIN}/passkey")
    response = client.post(f"{LOGIN}/passkey", {"credential": credential})
    assert response["Location"] == LOGIN
    assert client.get(REQUESTS).status_code == 302
    anna = as_(cast.anna)
    assert anna.post("/servicedesk/customer/user/confirm", {"credential": credential}).status_code == 422
