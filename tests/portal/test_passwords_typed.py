"""Pages on which a password is chosen: rules, skipping it, and their script in Chromium."""

import json
import re
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from otklik.people.commands.account_activation import issue_activation
from otklik.people.commands.persons import ensure_person
from otklik.people.commands.signup import issue_sign_up
from otklik.people.models import Person
from tests.browser import watched_tab
from tests.cast import PASSWORD, START, Cast
from tests.portal.helpers import logged_in

ACTIVATE = "/servicedesk/customer/user/activate"
FINISH = "/servicedesk/customer/user/signup/finish"
LOGIN = "/servicedesk/customer/user/login"
PROFILE = "/servicedesk/customer/user/profile"
REQUESTS = "/servicedesk/customer/user/requests"
GOOD = "облако в штанах"


def newcomer() -> Person:
    return ensure_person(address="nina@clinic.test", name="Нина Сидорова", at=START)[0]


def opened(address: str) -> Client:
    client = Client()
    assert client.get(address, follow=True).status_code == 200
    return client


def activating(person: Person) -> Client:
    return opened(f"{ACTIVATE}/{issue_activation(person=person, at=timezone.now())}")


@pytest.fixture(autouse=True)
def no_limit_yet(db: None) -> None:
    cache.clear()


def test_the_activation_page_lets_one_in_without_a_password(cast: Cast) -> None:
    nina = newcomer()
    client = activating(nina)
    assert "Не хочу пароль: входить по коду из письма" in client.get(ACTIVATE).content.decode()
    assert client.post(ACTIVATE, {"no_password": "1"})["Location"] == "/servicedesk/customer/portals"
    assert client.get(REQUESTS).status_code == 200
    nina.refresh_from_db()
    assert nina.activated_at and not nina.has_usable_password()
    assert activating_again_fails(client)


def activating_again_fails(client: Client) -> bool:
    return client.post(ACTIVATE, {"no_password": "1"}).status_code == 404


def test_a_password_set_before_by_anybody_is_worth_nothing_afterwards(cast: Cast) -> None:
    nina = newcomer()
    nina.set_password(GOOD)
    nina.save()
    activating(nina).post(ACTIVATE, {"no_password": "1"})
    assert Client().post(LOGIN, {"login": "nina@clinic.test", "password": GOOD}).status_code == 422


def test_staff_need_a_password(cast: Cast) -> None:
    client = activating(cast.agent)
    assert "Не хочу пароль" not in client.get(ACTIVATE).content.decode()
    assert client.post(ACTIVATE, {"no_password": "1"}).status_code == 422
    assert client.get(REQUESTS).status_code == 302
    cast.agent.refresh_from_db()
    assert cast.agent.check_password(PASSWORD)


def test_who_registers_may_do_without_a_password_too(cast: Cast) -> None:
    client = opened(f"/secure/FinishSignup/{issue_sign_up(address='vera@clinic.test', name='Вера', at=timezone.now())}")
    assert "Не хочу пароль" in client.get(FINISH).content.decode()
    assert client.post(FINISH, {"no_password": "1"}).status_code == 302 and client.get(REQUESTS).status_code == 200
    assert not Person.objects.get(email="vera@clinic.test").has_usable_password()


def test_the_address_one_registers_with_is_no_password(cast: Cast) -> None:
    client = opened(
        f"/secure/FinishSignup/{issue_sign_up(address='veraveravera@clinic.test', name='', at=timezone.now())}"
    )
    typed = {"password1": "veraveravera@clinic", "password2": "veraveravera@clinic"}
    assert client.post(FINISH, typed).status_code == 422


def broken(client: Client, address: str, password: str) -> list[str]:
    response = client.post(address, {"check": "1", "password1": password})
    assert response["Content-Type"] == "application/json", address
    return list(json.loads(response.content)["broken"])


def test_a_typed_password_is_looked_at_and_changes_nothing(cast: Cast) -> None:
    nina = newcomer()
    client = activating(nina)
    assert broken(client, ACTIVATE, "Sidorova1965") == ["password_too_short"]
    assert broken(client, ACTIVATE, "nina@clinic.test") == ["password_too_similar"]
    assert broken(client, ACTIVATE, GOOD) == []
    nina.refresh_from_db()
    assert nina.activated_at is None and client.get(REQUESTS).status_code == 302
    anna = logged_in(cast.anna)
    assert broken(anna, f"{PROFILE}/password", "anna@clinic.test") == ["password_too_similar"]
    assert broken(anna, f"{PROFILE}/password", GOOD) == []
    cast.anna.refresh_from_db()
    assert cast.anna.check_password(PASSWORD)


def test_nobody_without_a_link_has_passwords_looked_at(cast: Cast) -> None:
    for address in (ACTIVATE, FINISH, "/secure/ResetPassword/1-set-password"):
        assert Client().post(address, {"check": "1", "password1": GOOD}).status_code == 404, address
    assert Client().post(f"{PROFILE}/password", {"check": "1", "password1": GOOD}).status_code == 302


def test_a_wrong_login_says_so_in_words_of_our_own(cast: Cast) -> None:
    page = Client().post(LOGIN, {"login": "anna@clinic.test", "password": "не тот"}).content.decode()
    assert "Адрес или пароль не подходят." in page and "Исправьте" not in page


@pytest.fixture
def page(live: Cast, live_server: LiveServer, browser: Browser) -> Iterator[Page]:
    with watched_tab(browser, live_server.url) as tab:
        yield tab


@pytest.mark.browser
def test_rules_are_ticked_off_and_nothing_is_emptied(page: Page, live: Cast) -> None:
    nina = newcomer()
    page.goto(f"{ACTIVATE}/{issue_activation(person=nina, at=timezone.now())}")
    first, second = page.locator("[name=password1]"), page.locator("[name=password2]")
    rule = page.locator("[data-rule=password_too_short]")
    first.press_sequentially("Sidorova1965")
    expect(rule).to_have_attribute("data-state", "broken")
    second.fill("Sidorova1965")
    page.get_by_role("button", name="Активировать мой аккаунт").click()
    expect(page.locator(".field-error")).to_have_text("Не менее 15 знаков, сейчас 12.")
    expect(first).to_be_focused()
    assert first.input_value() == second.input_value() == "Sidorova1965"
    first.fill(GOOD)
    expect(rule).to_have_attribute("data-state", "kept")
    expect(page.locator(".field-error")).to_have_count(0)
    page.get_by_role("button", name="Активировать мой аккаунт").click()
    expect(page.locator(".field-error")).to_have_text("Пароли не совпадают.")
    assert first.input_value() == GOOD
    second.fill(GOOD)
    page.get_by_role("button", name="Активировать мой аккаунт").click()
    page.wait_for_url(re.compile("portals$"))


@pytest.mark.browser
def test_a_password_can_be_shown_by_mouse_and_keyboard(page: Page, live: Cast) -> None:
    page.goto(LOGIN)
    field = page.locator("[name=password]")
    field.fill("сирень")
    show = page.get_by_role("button", name="Показать пароль")
    show.click()
    expect(field).to_have_attribute("type", "text")
    show.press("Enter")
    expect(field).to_have_attribute("type", "password")
    expect(show).to_have_attribute("aria-pressed", "false")
    page.fill("[name=login]", "anna@clinic.test")
    show.click()
    field.fill(PASSWORD)
    page.click("#js-login-submit")
    page.wait_for_url(lambda url: "/user/login" not in url)


@pytest.mark.browser
def test_the_own_password_is_changed_through_the_same_check(page: Page, live: Cast) -> None:
    page.goto(LOGIN)
    page.fill("[name=login]", "anna@clinic.test")
    page.fill("[name=password]", PASSWORD)
    page.click("#js-login-submit")
    page.wait_for_url(lambda url: "/user/login" not in url)
    page.goto(f"{PROFILE}/security")
    page.fill("[name=oldpassword]", PASSWORD)
    page.fill("[name=password1]", "anna@clinic.test")
    page.fill("[name=password2]", "anna@clinic.test")
    page.get_by_role("button", name="Сменить пароль").click()
    expect(page.locator(".field-error")).to_have_text("Слишком похож на ваш адрес.")
    expect(page.locator("[name=oldpassword]")).to_have_value(PASSWORD)
    page.fill("[name=password1]", GOOD)
    page.fill("[name=password2]", GOOD)
    page.get_by_role("button", name="Сменить пароль").click()
    expect(page.get_by_text("Пароль изменён")).to_be_visible()
