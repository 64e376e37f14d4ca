"""Leaving a form without draft asks first, in Chromium."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser import watched_tab
from tests.cast import Cast

pytestmark = pytest.mark.browser
TEXT = "/projects/ACCREDO/settings/mail/comment"


@pytest.fixture
def leads_page(live: Cast, live_server: LiveServer, browser: Browser) -> Iterator[Page]:
    """Yield the lead's tab."""
    with watched_tab(browser, live_server.url, live.lead) as page:
        yield page


def asked(page: Page) -> list[str]:
    """Return a list of the dialogs that the browser shows from now on; all are accepted."""
    seen: list[str] = []

    def answer(dialog: object) -> None:
        seen.append(dialog.type)  # type: ignore[attr-defined]
        dialog.accept()  # type: ignore[attr-defined]

    page.on("dialog", answer)
    return seen


def test_a_text_begun_is_not_left_unasked_but_saved_without_a_question(leads_page: Page) -> None:
    seen = asked(leads_page)
    leads_page.goto(TEXT)
    leads_page.get_by_role("link", name="Общее").first.click()
    leads_page.wait_for_url("**/settings")
    assert seen == []
    leads_page.goto(TEXT)
    leads_page.locator("textarea").first.press_sequentially("Наши слова. ")
    leads_page.get_by_role("link", name="Общее").first.click()
    leads_page.wait_for_url("**/settings")
    assert seen == ["beforeunload"]
    leads_page.goto(TEXT)
    leads_page.locator("textarea").first.press_sequentially("Наши слова. ")
    leads_page.get_by_role("button", name="Сохранить").first.click()
    leads_page.get_by_text("Текст сохранён.").wait_for()
    assert seen == ["beforeunload"]


def test_a_refused_text_is_still_to_be_saved(leads_page: Page) -> None:
    seen = asked(leads_page)
    leads_page.goto(TEXT)
    leads_page.locator("textarea").first.fill("{comment.text} {no.such.word}")
    leads_page.get_by_role("button", name="Сохранить").first.click()
    leads_page.locator('textarea[aria-invalid="true"]').wait_for()
    leads_page.locator("h1").first.click()
    leads_page.get_by_role("link", name="Общее").first.click()
    leads_page.wait_for_url("**/settings")
    assert seen == ["beforeunload"]


def test_a_composer_with_a_draft_is_left_unasked(leads_page: Page) -> None:
    seen = asked(leads_page)
    leads_page.goto("/browse/ACCREDO-1")
    leads_page.locator("#reply_comment").press_sequentially("Слова")
    leads_page.goto(TEXT)
    assert seen == []


def is_kept(page: Page) -> bool:
    """Return whether the browser stores the typed values, waiting up to 10 s."""
    for _ in range(100):
        if page.evaluate("Object.keys(localStorage).some(key => key.startsWith('otklik.settings '))"):
            return True
        page.wait_for_timeout(100)
    return False


def test_what_a_crash_took_is_offered_and_nothing_is_filled_in_unasked(leads_page: Page) -> None:
    leads_page.goto(TEXT)
    body = leads_page.locator("[name=body]")
    stored = body.input_value()
    body.fill("Новые слова {comment.text}")
    assert is_kept(leads_page)
    context = leads_page.context
    leads_page.close()
    page = context.new_page()
    page.goto(TEXT)
    expect(page.locator("[name=body]")).to_have_value(stored)
    page.get_by_role("button", name="Вернуть").click()
    expect(page.locator("[name=body]")).to_have_value("Новые слова {comment.text}")
    page.get_by_role("button", name="Сохранить").click()
    page.wait_for_load_state()
    page.goto(TEXT)
    expect(page.locator("[data-lost-words]")).to_be_hidden()
    expect(page.locator("[name=body]")).to_have_value(re.compile("^Новые слова"))


def test_what_is_thrown_away_is_offered_no_more(leads_page: Page) -> None:
    leads_page.goto(TEXT)
    leads_page.locator("[name=body]").fill("Лишнее {comment.text}")
    assert is_kept(leads_page)
    leads_page.on("dialog", lambda dialog: dialog.accept())
    leads_page.reload()
    leads_page.get_by_role("button", name="Удалить").click()
    leads_page.reload()
    expect(leads_page.locator("[data-lost-words]")).to_be_hidden()
