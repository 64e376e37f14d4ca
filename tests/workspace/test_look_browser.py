"""How the agents' pages look where that was wrong once, measured in Chromium."""

import pytest
from playwright.sync_api import Page, expect

from tests.cast import Cast
from tests.workspace.helpers import queue_url

pytestmark = pytest.mark.browser
LEAST = "(least) => [...document.querySelectorAll('.queue-table tbody tr')].every((row) => row.offsetHeight <= least)"


def test_a_request_of_a_queue_is_a_few_lines_on_a_phone(agents_page: Page, live: Cast) -> None:
    agents_page.set_viewport_size({"width": 390, "height": 844})
    agents_page.goto(queue_url(live.desk))
    row = agents_page.locator(".queue-table tbody tr")
    expect(row).to_have_count(1)
    assert agents_page.evaluate(LEAST, 112)
    assert agents_page.evaluate("document.documentElement.scrollWidth") <= 390
    for words in (live.ticket.subject, live.ticket.key, "Анна Петрова", "не назначен", "Стандартный"):
        expect(row).to_contain_text(words)


def test_a_composer_ends_with_its_button_until_there_is_a_draft(agents_page: Page, live: Cast) -> None:
    agents_page.goto("/browse/ACCREDO-1")
    form, place = agents_page.locator("#reply"), "(form) => form.querySelector('.composer-send').offsetTop"
    bottom = "getBoundingClientRect().bottom"
    below = f"(form) => form.{bottom} - form.querySelector('.composer-send').{bottom}"
    before = form.evaluate(place)
    assert form.evaluate(below) < 20
    agents_page.locator("#reply_comment").fill("Слова")
    expect(form.locator("[data-draft-state]")).to_contain_text("Черновик сохранён")
    assert form.evaluate(place) == before, "the button does not move when the draft is kept"


BLANKS = r"""() => [...document.querySelectorAll("main a:not(.btn) > .icon")].map((icon) => icon.nextSibling)
    .filter((node) => node && node.nodeType === 3 && /^\s+\S/.test(node.data))
    .filter((node) => getComputedStyle(node.parentElement).display === "inline").map((node) => node.data.trim())"""


def test_what_is_underlined_in_a_link_with_a_sign_begins_with_its_words(agents_page: Page, live: Cast) -> None:
    agents_page.goto("/browse/ACCREDO-1")
    assert agents_page.locator("main a > .icon").count() > 3
    assert agents_page.evaluate(BLANKS) == []
