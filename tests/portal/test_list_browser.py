"""«Запросы» in Chromium: search while typing, keys, polling."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser import watched_tab
from tests.cast import Cast

pytestmark = pytest.mark.browser
LIST = "/servicedesk/customer/user/requests"


@pytest.fixture
def page(live: Cast, live_server: LiveServer, browser: Browser) -> Iterator[Page]:
    """Yield the requester's tab; every console error fails the test."""
    window = {"width": 390, "height": 844}
    with watched_tab(browser, live_server.url, live.anna, strict=True, viewport=window) as opened:
        yield opened


def test_rows_that_come_late_leave_the_keyboard_on_its_row(page: Page) -> None:
    held: list[Route] = []
    page.goto(LIST)
    expect(page.locator("[data-new-requests] .icon")).to_be_visible()  # else it reads as the number of open requests
    page.locator("#filter").fill("протокол")
    expect(page.locator(".subject mark").first).to_have_text("протокол")
    page.route("**/user/requests?*", lambda route: held.append(route))
    with page.expect_request("**/user/requests?*"):
        page.locator("h1").click()
    page.keyboard.press("KeyJ")
    page.evaluate("document.activeElement.setAttribute('data-old', '')")
    held[0].continue_()
    expect(page.locator("[data-old]")).to_have_count(0)
    expect(page.locator("[data-row-link]")).to_be_focused()
    expect(page.locator(".row-current")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url("**/ACCREDO-1")


def test_single_keys_can_be_switched_off(page: Page) -> None:
    page.goto(LIST)
    page.evaluate("document.cookie = 'otklik_keys=off; path=/'")
    page.reload()
    page.keyboard.press("KeyJ")
    expect(page.locator(".row-current")).to_have_count(0)
    page.keyboard.press("Slash")
    expect(page.locator("#filter")).not_to_be_focused()


def test_typing_in_the_wrong_layout_finds_and_keys_walk(page: Page) -> None:
    page.goto(LIST)
    page.keyboard.press("Slash")
    expect(page.locator("#filter")).to_be_focused()
    page.keyboard.type("ghjnjrjk")
    page.wait_for_url("**filter=ghjnjrjk**")
    expect(page.locator(".subject mark").first).to_have_text("протокол")
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


def test_on_a_telephone_a_request_is_its_subject_and_two_lines(page: Page) -> None:
    page.goto(LIST)
    row = page.locator("[data-rows] tbody tr").first
    box = row.bounding_box()
    assert box is not None and box["height"] <= 120  # with a badge; it was 170 without
    subject, state = row.locator(".subject").bounding_box(), row.locator(".status").bounding_box()
    assert subject is not None and state is not None and subject["y"] < state["y"]
