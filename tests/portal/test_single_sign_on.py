"""Single sign-on against a real OpenID Connect provider (the package oidc-provider-mock) in Chromium."""

import contextlib
import socket
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import Client, RequestFactory
from playwright.sync_api import Browser, Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from otklik.people.commands.persons import ensure_person
from otklik.people.models import Person
from otklik.people.queries import person_by_address
from otklik.portal.single_sign_on import SingleSignOnAdapter, _verified_address, issuer_mark
from tests.browser import watched_tab
from tests.cast import PASSWORD, START, Cast
from tests.cli.running import free_ports
from tests.portal.helpers import logged_in

LOGIN = "/servicedesk/customer/user/login"
REQUESTS = "/servicedesk/customer/user/requests"
SECURITY = "/servicedesk/customer/user/profile/security"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """Yield the URL of a provider in its own process; any name can log in there, with claims set by the test."""
    port = free_ports(1)[0]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            break
        time.sleep(0.05)
    assert process.poll() is None, "the provider ended instead of listening"
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)


@pytest.fixture
def sso(issuer: str, settings: Settings) -> str:
    """Configure the product for that provider, as its environment variables would."""
    settings.OIDC_ISSUER, settings.OIDC_NAME = issuer, "Кабинет"
    app = {"provider_id": "sso", "name": "sso", "client_id": "otklik", "secret": "secret"}
    apps = [{**app, "settings": {"server_url": issuer}}]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": apps}}
    return issuer


@pytest.fixture
def page(live: Cast, live_server: LiveServer, browser: Browser) -> Iterator[Page]:
    with watched_tab(browser, live_server.url) as tab:
        yield tab


def through(page: Page, issuer: str, sub: str, **claims: Any) -> None:
    """Log in through the provider as the person `sub` with these claims."""
    page.request.put(f"{issuer}/users/{sub}", data=claims)
    page.goto(f"{LOGIN}?next={REQUESTS}")
    page.get_by_role("link", name="Войти через Кабинет").click()
    page.fill('input[name="sub"]', sub)
    page.locator('button[type="submit"], input[type="submit"]').first.click()


@pytest.mark.browser
def test_a_new_person_comes_in_and_comes_again(sso: str, page: Page) -> None:
    for _ in range(2):
        decomposed = unicodedata.normalize("NFD", "Вера Йошкина")
        through(page, sso, "vera", email="Vera@clinic.test", email_verified=True, name=decomposed)
        page.wait_for_url(f"**{REQUESTS}")
        page.context.clear_cookies()
    vera = Person.objects.get(email="vera@clinic.test")
    assert vera.name == "Вера Йошкина" and vera.activated_at is not None
    assert SocialAccount.objects.filter(user=vera).count() == 1


@pytest.mark.browser
def test_ab_37_an_unverified_address_links_nothing(sso: str, page: Page) -> None:
    for number, claims in enumerate(({"email_verified": False}, {})):
        through(page, sso, f"evil{number}", email="anna@clinic.test", **claims)
        expect(page.get_by_text("не подтверждает этот адрес")).to_be_visible()
        page.goto(REQUESTS)
        assert "/user/login" in page.url
    assert not SocialAccount.objects.exists()


@pytest.mark.browser
def test_ab_37_a_verified_address_links_a_customer_and_the_subject_is_the_key(sso: str, page: Page, live: Cast) -> None:
    through(page, sso, "anna", email="anna@clinic.test", email_verified=True)
    page.wait_for_url(f"**{REQUESTS}")
    expect(page.get_by_text("Не открывается протокол")).to_be_visible()
    page.context.clear_cookies()
    through(page, sso, "anna", email="other@clinic.test", email_verified=True)
    page.wait_for_url(f"**{REQUESTS}")
    assert SocialAccount.objects.get().user == live.anna and person_by_address("other@clinic.test") is None


@pytest.mark.browser
def test_ab_37_staff_are_never_linked_by_address_but_may_link_themselves(sso: str, page: Page, live: Cast) -> None:
    for who in ("agent@desk.test", "admin@desk.test"):
        through(page, sso, "boss", email=who, email_verified=True)
        expect(page.get_by_text("привязывают учётную запись организации сами")).to_be_visible()
    page.goto(LOGIN)
    page.fill('input[name="login"]', "agent@desk.test")
    page.fill('input[name="password"]', PASSWORD)
    page.click("#js-login-submit")
    page.wait_for_url(lambda url: "/user/login" not in url)
    page.goto(SECURITY)
    page.get_by_role("button", name="Привязать Кабинет").click()
    page.get_by_role("link", name="Перейти: Кабинет").click()
    page.fill('input[name="sub"]', "boss")
    page.locator('button[type="submit"], input[type="submit"]').first.click()
    expect(page.get_by_text("Учётная запись организации привязана")).to_be_visible()
    assert SocialAccount.objects.get().user == live.agent


@pytest.mark.browser
def test_ab_24_what_was_set_before_the_proof_is_wiped(sso: str, page: Page, live: Cast) -> None:
    vera, _new = ensure_person(address="vera@clinic.test", name="Вера", at=START)
    vera.set_password("подсадной пароль")
    vera.save()
    through(page, sso, "vera", email="vera@clinic.test", email_verified=True)
    page.wait_for_url(f"**{REQUESTS}")
    vera.refresh_from_db()
    assert not vera.has_usable_password() and EmailAddress.objects.get(user=vera).verified


def test_ab_37_another_issuers_subject_is_another(cast: Cast, settings: Settings) -> None:
    settings.OIDC_ISSUER = "https://new.example"
    SocialAccount.objects.create(user=cast.anna, provider="sso", uid="0123456789abcdef:anna")
    client = Client()
    client.force_login(cast.anna)
    assert "Привязать" in client.get(SECURITY).content.decode()


@pytest.mark.parametrize(
    ("address", "verified", "domains", "counts"),
    [
        ("anna@clinic.test", True, [], True),
        ("anna@clinic.test", "true", [], True),
        ("anna@clinic.test", "false", [], False),
        ("anna@clinic.test", 1, [], False),
        ("anna@clinic.test", True, ["clinic.test"], True),
        ("anna@evil-clinic.test", True, ["clinic.test"], False),
        ("anna@sub.clinic.test", True, ["clinic.test"], False),
        ("anna", True, [], False),
    ],
)
def test_ab_37_which_address_of_the_provider_counts(
    settings: Settings, address: str, verified: Any, domains: list[str], counts: bool
) -> None:
    settings.OIDC_DOMAINS = domains
    login = SimpleNamespace(email_addresses=[SimpleNamespace(email=address, verified=verified)])
    assert bool(_verified_address(login)) is counts


@pytest.mark.parametrize("is_main", [True, False])
def test_ab_37_an_address_that_waits_for_its_confirmation_here_links_nothing(
    cast: Cast, rf: RequestFactory, is_main: bool
) -> None:
    """Its person has an active account, so the address' owner at the provider may be somebody else."""
    address = "anna@clinic.test" if is_main else "second@clinic.test"
    EmailAddress.objects.update_or_create(email=address, user=cast.anna, defaults={"verified": False})
    request = rf.get("/")
    request.user, request.session = AnonymousUser(), {}  # type: ignore[assignment]
    setattr(request, "_messages", CookieStorage(request))  # noqa: B010  # Django's own attribute
    login = SimpleNamespace(
        is_existing=False,
        email_addresses=[SimpleNamespace(email=address, verified=True)],
        connect=lambda *_: pytest.fail("linked"),
    )
    with pytest.raises(ImmediateHttpResponse):
        SingleSignOnAdapter().pre_social_login(request, login)


def test_ab_37_whoever_is_logged_in_links_nothing_by_following_an_address(cast: Cast, sso: str) -> None:
    client = Client()
    client.force_login(cast.anna)
    for address in (f"{LOGIN}/sso", f"{LOGIN}/sso?process=connect"):
        assert client.get(address)["Location"] == SECURITY
    assert client.get(f"{SECURITY.rpartition('/')[0]}/sso/link").status_code == 405
    started = Client()
    assert started.get(f"{LOGIN}/sso")["Location"].startswith(sso)


def test_ab_37_a_login_begun_before_links_nothing_to_who_is_logged_in_by_then(cast: Cast, rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user, request.session = cast.anna, {}  # type: ignore[assignment]
    setattr(request, "_messages", CookieStorage(request))  # noqa: B010  # Django's own attribute
    login = SimpleNamespace(is_existing=False, connect=lambda *_: pytest.fail("linked"))
    with pytest.raises(ImmediateHttpResponse):
        SingleSignOnAdapter().pre_social_login(request, login)
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize(
    ("wished", "proved", "links"), [(500, 200, True), (601, 0, False), (0, 301, False), (0, None, False)]
)
def test_ab_37_an_account_is_linked_by_a_wish_of_late_and_a_proof_of_late_together(
    cast: Cast, rf: RequestFactory, wished: float, proved: float | None, links: bool
) -> None:
    """Ages in seconds; None: no login in this session."""
    request, linked = rf.get("/"), list[Person]()
    proofs = [] if proved is None else [{"method": "password", "at": time.time() - proved}]
    request.user = cast.anna
    request.session = {  # type: ignore[assignment]
        "sso_link_wanted": time.time() - wished, "account_authentication_methods": proofs,
        "account_authentication_methods_user": str(cast.anna.pk),
    }  # fmt: skip
    setattr(request, "_messages", CookieStorage(request))  # noqa: B010  # Django's own attribute
    login = SimpleNamespace(is_existing=False, connect=lambda _request, person: linked.append(person))
    with pytest.raises(ImmediateHttpResponse):
        SingleSignOnAdapter().pre_social_login(request, login)
    assert linked == ([cast.anna] if links else [])


def test_the_password_can_be_switched_off(cast: Cast, settings: Settings) -> None:
    settings.OIDC_ISSUER, settings.PASSWORD_LOGIN = "https://id.example", False
    page = Client().get(LOGIN).content.decode()
    assert 'name="password"' not in page and "Войти через" in page
    assert Client().post(LOGIN, {"login": "anna@clinic.test", "password": PASSWORD}).status_code == 404


def test_a_provider_that_is_away_is_said_in_words(cast: Cast, sso: str, settings: Settings) -> None:
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:9"
    response = Client().get(f"{LOGIN}/sso", follow=True)
    assert "сейчас недоступен" in response.content.decode()


def test_only_the_provider_that_is_set_up_comes_back(cast: Cast, settings: Settings) -> None:
    settings.OIDC_ISSUER = "https://new.example"
    for provider in ("other", "google", "sso2"):
        assert Client().get(f"/servicedesk/customer/user/login/sso/{provider}/callback").status_code == 404


def test_ab_37_whoever_unlinks_unlinks_the_own_account_of_this_issuer_alone(cast: Cast, settings: Settings) -> None:
    settings.OIDC_ISSUER = "https://new.example"
    mine, theirs, elsewhere = (
        SocialAccount.objects.create(user=who, provider="sso", uid=uid)
        for who, uid in (
            (cast.anna, f"{issuer_mark()}:anna"), (cast.boris, f"{issuer_mark()}:boris"),
            (cast.anna, "0123456789abcdef:anna"),
        )
    )  # fmt: skip
    assert logged_in(cast.anna).post("/servicedesk/customer/user/profile/sso/unlink").status_code == 302
    assert set(SocialAccount.objects.values_list("pk", flat=True)) == {theirs.pk, elsewhere.pk} != {mine.pk}
