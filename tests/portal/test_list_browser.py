"""«Запросы» in Chromium: typing finds at once, keys walk, a quiet line tells of news."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser import watched_tab
from tests.cast import Cast

pytestmark = pytest.mark.browser
LIST = "/servicedesk/customer/user/requests"


@pytest.fixture
def page(live: Cast, live_server: LiveServer, browser: Browser) -> Iterator[Page]:
    """The requester's tab; whatever the browser complains of fails."""
    window = {"width": 390, "height": 844}
    with watched_tab(browser, live_server.url, live.anna, strict=True, viewport=window) as opened:
        yield opened


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
