"""Former layout defects of the agents' pages, measured in Chromium."""

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from otklik.people.actor import Actor
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import change_subject
from otklik.tickets.content import Words
from tests.browser import watched_tab
from tests.cast import Cast
from tests.portal.helpers import card
from tests.workspace.helpers import queue_url

pytestmark = pytest.mark.browser
LEAST = "(least) => [...document.querySelectorAll('.queue-table tbody tr')].every((row) => row.offsetHeight <= least)"
RIGHT = "[...document.querySelectorAll('.activity > li')].map((one) => one.getBoundingClientRect().right)"


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


def test_a_table_of_blanks_scrolls_in_its_place_and_makes_no_page_wider(
    agents_page: Page, live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    rows = "\n".join("  ".join(f"{word:<14}" for word in row) for row in (["Наименование"] * 9, ["1 000,50"] * 9))
    comment(actor=Actor(live.anna, "portal"), at=timezone.now(), ticket=live.ticket, words=Words(f"Вот:\n\n{rows}"))
    agents_page.goto("/browse/ACCREDO-1")
    with watched_tab(browser, live_server.url, live.anna) as customers_page:
        customers_page.goto(card(live))
        for page in (agents_page, customers_page):
            expect(page.locator(".columns").first).to_contain_text("Наименование")
            for width in (1440, 390, 320):
                page.set_viewport_size({"width": width, "height": 800})
                assert page.evaluate("document.documentElement.scrollWidth") <= width
                assert max(page.evaluate(RIGHT)) <= width


def test_a_word_without_an_end_makes_no_page_wider(
    agents_page: Page, live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    word = "Протоколзаседания" * 15
    change_subject(actor=Actor(live.agent, "agent"), at=timezone.now(), ticket=live.ticket, subject=word)
    ticket = "/browse/ACCREDO-1"
    wide = [ticket, f"{ticket}/requester", f"{ticket}/answers", f"/projects/go?q={word[:100]}"]
    with watched_tab(browser, live_server.url, live.anna) as customers_page:
        asked = [card(live), f"/servicedesk/customer/portals?q={word[:100]}"]
        for page, addresses in ((agents_page, wide), (customers_page, asked)):
            page.set_viewport_size({"width": 390, "height": 800})
            for address in addresses:
                page.goto(address)
                assert page.evaluate("document.documentElement.scrollWidth") <= 390, address


WIDTHS = "(wrap) => [wrap.clientWidth, wrap.scrollWidth, document.documentElement.scrollWidth]"


@pytest.mark.parametrize("width", [1440, 1280])
def test_what_a_filter_sorts_by_fits_beside_the_usual_columns(agents_page: Page, live: Cast, width: int) -> None:
    agents_page.set_viewport_size({"width": width, "height": 900})
    agents_page.goto("/issues/?jql=key is not EMPTY order by priority, created")
    wrap = agents_page.locator("#queue .table-wrap")
    expect(wrap.locator("th")).to_have_count(9)
    place, wide, page = wrap.evaluate(WIDTHS)
    assert (wide, page) == (place, width)
    expect(wrap).not_to_have_attribute("role", "region")


def test_more_columns_than_fit_are_a_named_region_that_the_keyboard_scrolls(agents_page: Page, live: Cast) -> None:
    agents_page.set_viewport_size({"width": 1024, "height": 900})
    agents_page.goto("/issues/?jql=order by priority, created, due, resolved, resolution, assignee, reporter")
    wrap = agents_page.get_by_role("region", name="Столбцы; часть из них правее")
    place, wide, page = wrap.evaluate(WIDTHS)
    assert wide > place and page == 1024
    wrap.focus()
    agents_page.keyboard.press("ArrowRight")
    agents_page.wait_for_function("() => document.querySelector('#queue .table-wrap').scrollLeft > 0")
    agents_page.set_viewport_size({"width": 390, "height": 844})
    expect(wrap).to_have_count(0)
