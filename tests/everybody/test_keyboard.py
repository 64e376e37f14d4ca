"""The story by keyboard only, and without scripts."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.cast import PASSWORD, Cast

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(400)]

# What has the focus, and whether one sees it: an outline, or another frame or shadow.
FOCUSED = """() => { const e = document.activeElement, s = getComputedStyle(e);
  return { tag: e.outerHTML.slice(0, 120),
    seen: (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2) || s.boxShadow !== "none",
    inside: e.getBoundingClientRect().bottom > 0 && e.getBoundingClientRect().top < innerHeight }; }"""


def reach(page: Page, selector: str, most: int = 80) -> None:
    """Press Tab until the element has the focus, at most `most` times; the focus must be visible at each step."""
    for _ in range(most):
        page.keyboard.press("Tab")
        now = page.evaluate(FOCUSED)
        assert now["seen"] and now["inside"], f"the focus is not seen: {now['tag']}"
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by Tab")


def log_in(page: Page, address: str) -> None:
    page.goto("/servicedesk/customer/user/login?next=/servicedesk/customer/portal/1")
    reach(page, 'input[name="login"]') if page.evaluate("document.activeElement.name") != "login" else None
    page.keyboard.type(address)
    reach(page, 'input[name="password"]')
    page.keyboard.type(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_customer_needs_no_mouse(opened: Any, site: Cast) -> None:
    kind = site.desk.request_types.order_by("position")[0]
    with opened("open") as page:
        log_in(page, "anna@clinic.test")
        page.goto(f"/servicedesk/customer/portal/{site.desk.pk}")
        page.keyboard.press("Tab")
        expect(page.locator(".skip-link")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        reach(page, f'a[href$="/create/{kind.pk}"]')
        with page.expect_navigation():
            page.keyboard.press("Enter")
        reach(page, 'main button[type="submit"], main .form-actions button')
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.locator('[name="summary"]')).to_be_focused()
        page.keyboard.type("Без мыши")
        reach(page, '[name="description"]')
        page.keyboard.type("Пишу с одной клавиатурой")
        reach(page, "main .form-actions button")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("Без мыши")
        reach(page, '[name="comment"]')
        page.keyboard.type("И отвечаю тоже")
        reach(page, 'form:has([name="comment"]) .btn-primary')
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.get_by_text("И отвечаю тоже").first).to_be_visible()
        reach(page, 'form[action*="/transition/"] button')
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.locator("[data-status]").first).to_have_attribute("data-status", "Закрыт")


def test_an_agent_needs_no_mouse(opened: Any, site: Cast) -> None:
    with opened("agent") as page:
        page.goto("/projects/ACCREDO/queues")
        page.keyboard.press("j")
        expect(page.locator("[data-row-link]").first).to_be_focused()
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.keyboard.press("r")
        expect(page.locator("#reply_comment")).to_be_focused()
        page.keyboard.type("Ответ без мыши")
        with page.expect_navigation():
            page.keyboard.press("Control+Enter")
        expect(page.get_by_text("Ответ без мыши").first).to_be_visible()
        page.keyboard.press("q")
        page.wait_for_url(re.compile("/queues/custom/"))
        page.keyboard.press("/")
        expect(page.locator("#go-number")).to_be_focused()
        page.keyboard.type("1")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.url.endswith("/browse/ACCREDO-1")


def test_single_keys_can_be_switched_off(opened: Any, site: Cast) -> None:
    with opened("agent") as page:
        page.goto("/browse/ACCREDO-1")
        page.locator("summary.js-profile").press("Enter")
        page.locator('[data-keys-set="off"]').press("Enter")
        page.reload()
        page.keyboard.press("r")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement === document.body")


def test_the_story_without_scripts(opened: Any, site: Cast) -> None:
    kind = site.desk.request_types.order_by("position")[0]
    with opened("customer", scripts=False) as page:
        page.goto(f"/servicedesk/customer/portal/{site.desk.pk}/create/{kind.pk}")
        page.fill('[name="summary"]', "Без скриптов")
        page.fill('[name="description"]', "Старый браузер")
        page.locator("main .form-actions button").first.click()
        expect(page.locator("h1")).to_contain_text("Без скриптов")
        page.fill('[name="comment"]', "Ещё слово")
        page.locator('form:has([name="comment"]) .btn-primary').first.click()
        expect(page.get_by_text("Ещё слово").first).to_be_visible()
        page.locator('form[action*="/transition/"] button').first.click()
        expect(page.locator("[data-status]").first).to_have_attribute("data-status", "Закрыт")
    with opened("agent", scripts=False) as page:
        page.goto("/browse/ACCREDO-1")
        page.fill("#reply_comment", "Ответ без скриптов")
        page.locator(".composer-reply .btn-primary").first.click()
        expect(page.get_by_text("Ответ без скриптов").first).to_be_visible()


@pytest.mark.parametrize("path", ["/servicedesk/customer/portals", "/servicedesk/customer/user/requests"])
def test_high_contrast_and_reduced_motion(opened: Any, site: Cast, path: str) -> None:
    with opened("customer", forced_colors="active", reduced_motion="reduce") as page:
        page.goto(path)
        moving = "e => parseFloat(getComputedStyle(e).transitionDuration) > 0"
        assert page.evaluate(f"[...document.querySelectorAll('*')].filter({moving}).length") == 0
        reach(page, "main a, main button, main select, main input")
