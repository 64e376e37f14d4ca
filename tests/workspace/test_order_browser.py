"""Queues are put in order in a browser: by mouse, by finger, by keys; what happened is said to screen readers."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, CDPSession, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser import watched_tab
from tests.cast import Cast

pytestmark = pytest.mark.browser
ORDER = "**/settings/queues/order"


@pytest.fixture
def page(live: Cast, live_server: LiveServer, browser: Browser) -> Iterator[Page]:
    """The lead's list of the desk's queues, by fingers, too."""
    with watched_tab(browser, live_server.url, live.lead, has_touch=True) as page:
        page.goto("/projects/ACCREDO/settings/queues")
        page.wait_for_load_state("networkidle")
        yield page


def names(cast: Cast) -> list[str]:
    return list(cast.desk.queues.filter(hidden=False).order_by("position").values_list("name", flat=True))


def shown(page: Page) -> list[str]:
    return page.locator("[data-draggable] .movable-text a").all_inner_texts()


def said(page: Page) -> Locator:
    return page.locator("[data-movable-state]").first


def test_a_queue_is_dragged_by_its_grip_and_escape_puts_it_back(page: Page, live: Cast) -> None:
    first, second, third, *rest = names(live)
    grips = page.locator(".movable-grip")
    with page.expect_response(ORDER):
        grips.nth(0).drag_to(page.locator("[data-draggable]").nth(2), target_position={"x": 60, "y": 50})
    expect(said(page)).to_have_text(f"{first}: 3 / {len(rest) + 3}. Новый порядок сохранён.")
    assert shown(page) == names(live) == [second, third, first, *rest]
    box = grips.nth(0).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 5, box["y"] + 150, steps=5)
    assert shown(page) != names(live)
    page.keyboard.press("Escape")
    page.mouse.up()
    assert shown(page) == names(live) == [second, third, first, *rest]


def test_a_finger_drags_as_a_mouse_does(page: Page, live: Cast) -> None:
    first, second, *rest = names(live)
    grip, target = (page.locator(".movable-grip").nth(place).bounding_box() for place in (0, 1))
    assert grip and target
    touch, x = page.context.new_cdp_session(page), grip["x"] + 8
    with page.expect_response(ORDER):
        fingers(touch, "touchStart", x, grip["y"] + 8)
        for part in range(1, 6):
            fingers(touch, "touchMove", x, grip["y"] + 8 + (target["y"] + 20 - grip["y"]) * part / 5)
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(said(page)).to_contain_text(f"{first}: 2 / ")
    assert shown(page) == names(live) == [second, first, *rest]


def fingers(session: CDPSession, kind: str, x: float, y: float) -> None:
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})


def test_arrows_move_it_by_keyboard_and_keep_the_focus(page: Page, live: Cast) -> None:
    first, second, *rest = names(live)
    down = page.get_by_role("button", name=f"{first}: ниже")
    down.focus()
    with page.expect_response(ORDER):
        page.keyboard.press("Enter")
    expect(said(page)).to_contain_text(f"{first}: 2 / {len(rest) + 2}. Новый порядок сохранён.")
    expect(down).to_be_focused()
    assert names(live) == [second, first, *rest]
    up = page.get_by_role("button", name=f"{first}: выше")
    up.focus()
    with page.expect_response(ORDER):
        page.keyboard.press("Enter")
    # It is the first now: the other arrow has the keyboard.
    expect(down).to_be_focused()
    expect(said(page)).to_contain_text(f"{first}: 1 / ")
    assert shown(page) == names(live) == [first, second, *rest]
