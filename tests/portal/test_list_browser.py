"""«Запросы» in Chromium: typing finds at once, keys walk, a quiet line tells of news."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.cast import Cast, build_cast
from tests.portal.helpers import as_

pytestmark = pytest.mark.browser
LIST = "/servicedesk/customer/user/requests"


@pytest.fixture
def live(transactional_db: None, live_server: LiveServer) -> Cast:
    """The cast, in the database that the live server reads."""
    return build_cast()


@pytest.fixture
def page(live: Cast, live_server: LiveServer, browser: Browser) -> Iterator[Page]:
    """The requester's tab; a script error or a breach of the policy fails."""
    wrong = list[str]()
    context = browser.new_context(base_url=live_server.url, locale="ru-RU", viewport={"width": 390, "height": 844})
    session = as_(live.anna).cookies["otklik_session"].value
    context.add_cookies([{"name": "otklik_session", "value": session, "url": live_server.url}])
    opened = context.new_page()
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    yield opened
    context.close()
    assert not wrong


def test_typing_in_the_wrong_layout_finds_and_keys_walk(page: Page) -> None:
    page.goto(LIST)
    page.keyboard.press("Slash")
    expect(page.locator("#filter")).to_be_focused()
    page.keyboard.type("ghjnjrjk")
    expect(page.locator(".subject mark").first).to_have_text("протокол")
    assert "filter=ghjnjrjk" in page.url
    page.locator("h1").click()
    page.keyboard.press("KeyJ")
    expect(page.locator("[data-row-link]")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.keyboard.press("Enter")
    page.wait_for_url("**/ACCREDO-1")
    page.goto(LIST)
    expect(page.locator(".row-new")).to_have_count(0)
    page.locator("#filter").fill("экскаватор")
    expect(page.get_by_text("Ничего не найдено")).to_be_visible()
