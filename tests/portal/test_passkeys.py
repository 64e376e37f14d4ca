"""Passkeys in Chromium, with a virtual authenticator (WebAuthn WebDriver extension by the DevTools protocol)."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser import watched_tab
from tests.cast import PASSWORD, Cast
from tests.portal.helpers import as_

pytestmark = pytest.mark.browser

LOGIN = "/servicedesk/customer/user/login"
SECURITY = "/servicedesk/customer/user/profile/security"


@pytest.fixture
def page(live: Cast, live_server: LiveServer, browser: Browser) -> Iterator[Page]:
    """Yield a tab with a virtual authenticator that always confirms.

    A passkey is bound to a host name, so the address must not be an IP address.
    """
    with watched_tab(browser, live_server.url.replace("127.0.0.1", "localhost")) as tab:
        devtools = tab.context.new_cdp_session(tab)
        devtools.send("WebAuthn.enable")
        options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
        options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        yield tab


def log_in(page: Page) -> None:
    page.goto(LOGIN)
    page.fill('input[name="login"]', "anna@clinic.test")
    page.fill('input[name="password"]', PASSWORD)
    page.click("#js-login-submit")
    page.wait_for_url(lambda url: "/user/login" not in url)


def log_out(page: Page) -> None:
    page.goto("/servicedesk/customer/user/logout")
    page.get_by_role("main").get_by_role("button", name="Выйти").click()
    page.wait_for_url("**/portals")


def test_a_passkey_is_made_used_and_removed_and_ends_the_logins_elsewhere(page: Page, live: Cast) -> None:
    log_in(page)
    page.goto(SECURITY)
    page.get_by_role("link", name="Добавить ключ доступа").click()
    page.get_by_label("Как его назвать").fill("рабочий компьютер")
    elsewhere = as_(live.anna)
    assert elsewhere.get(SECURITY).status_code == 200
    page.get_by_role("button", name="Создать ключ доступа").click()
    expect(page.get_by_role("heading", name="Резервные коды")).to_be_visible()
    # Whoever was in by the password alone is out.
    assert elsewhere.get(SECURITY).status_code == 302
    log_out(page)
    page.goto(f"{LOGIN}?next={SECURITY}")
    page.get_by_role("button", name="Войти по ключу доступа").click()
    page.wait_for_url(f"**{SECURITY}")
    expect(page.get_by_text("рабочий компьютер")).to_be_visible()
    page.get_by_role("button", name=re.compile("Удалить.*рабочий компьютер")).click()
    page.get_by_role("alertdialog").get_by_role("button", name="Удалить").click()
    expect(page.get_by_text("Ключ доступа удалён")).to_be_visible()


def test_a_passkey_is_a_second_factor_after_the_password(page: Page) -> None:
    log_in(page)
    page.goto("/servicedesk/customer/user/profile/passkeys/add")
    page.get_by_role("button", name="Создать ключ доступа").click()
    expect(page.get_by_role("heading", name="Резервные коды")).to_be_visible()
    log_out(page)
    page.goto(LOGIN)
    page.fill('input[name="login"]', "anna@clinic.test")
    page.fill('input[name="password"]', PASSWORD)
    page.click("#js-login-submit")
    expect(page.get_by_role("heading", name="Второй шаг")).to_be_visible()
    page.get_by_role("button", name="Использовать ключ доступа").click()
    page.wait_for_url(lambda url: "/user/login" not in url)
    page.goto(SECURITY)
    expect(page.get_by_role("heading", name="Где выполнен вход")).to_be_visible()


def test_a_device_without_the_key_gets_words(page: Page) -> None:
    page.goto(LOGIN)
    page.get_by_role("button", name="Войти по ключу доступа").click()
    expect(page.get_by_text("Устройство не предъявило ключ доступа.")).to_be_visible()


def test_where_no_browser_makes_passkeys_the_page_says_why_and_offers_none(
    live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    with watched_tab(browser, live_server.url.replace("localhost", "127.0.0.1")) as tab:
        tab.goto(LOGIN)
        expect(tab.locator("#js-login-submit")).to_be_visible()
        expect(tab.get_by_role("button", name="Войти по ключу доступа")).to_have_count(0)
        log_in(tab)
        tab.goto(SECURITY)
        expect(tab.get_by_text("открыта по адресу из цифр: 127.0.0.1")).to_be_visible()
        expect(tab.get_by_role("link", name="Добавить ключ доступа")).to_have_count(0)
        tab.goto("/servicedesk/customer/user/profile/passkeys/add")
        expect(tab).to_have_url(re.compile("profile/security$"))
