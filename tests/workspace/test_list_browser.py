"""The list of tickets in Chromium: updates in place, and the keyboard in both layouts."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from otklik.people.actor import Actor
from otklik.tickets.commands.fields import change_subject
from otklik.tickets.models import Ticket
from tests.browser import watched_tab
from tests.cast import Cast
from tests.workspace.helpers import queue_url
from tests.workspace.test_list_news import FILTER, LISTS, copies

pytestmark = pytest.mark.browser
# What the same keys type in the Russian layout.
RUSSIAN = {
    "KeyJ": "о",
    "KeyK": "л",
    "KeyO": "щ",
    "KeyX": "ч",
    "KeyA": "ф",
    "KeyU": "г",
    "KeyS": "ы",
    "KeyP": "з",
    "KeyZ": "я",
}


def press(page: Page, code: str, *, russian: bool = False, shift: bool = False, ctrl: bool = False) -> None:
    """Press a key by its position, with the letter of either layout."""
    key = RUSSIAN[code] if russian else code.removeprefix("Key").lower()
    page.evaluate(
        """([code, key, shiftKey, ctrlKey]) => document.activeElement.dispatchEvent(new KeyboardEvent(
        "keydown", {code, key, shiftKey, ctrlKey, bubbles: true, cancelable: true}))""",
        [code, key, shift, ctrl],
    )


@pytest.fixture(params=LISTS)
def address(request: pytest.FixtureRequest, live: Cast) -> str:
    copies(live, 2, 3)
    return LISTS[request.param](live)


@pytest.fixture
def page(live: Cast, live_server: LiveServer, browser: Browser, address: str) -> Iterator[Page]:
    """Yield the list with four tickets; the test controls the page's clock."""
    with watched_tab(browser, live_server.url, live.agent) as page:
        page.clock.install()
        page.goto(address)
        yield page


def row(page: Page, number: int) -> str:
    return f'tr[data-key="ACCREDO-{number}"]'


def rename(cast: Cast, number: int, subject: str) -> None:
    """Change the subject as a colleague."""
    ticket = Ticket.objects.get(key=f"ACCREDO-{number}")
    change_subject(actor=Actor(cast.lead, "agent"), at=timezone.now(), ticket=ticket, subject=subject)


def test_a_row_changes_at_its_place_and_says_so_once(page: Page, live: Cast) -> None:
    rename(live, 2, "Сканер")
    page.clock.run_for(21_000)
    changed = page.locator(row(page, 2))
    expect(changed.locator("[data-row-link]")).to_have_text("Сканер")
    expect(changed).to_have_class("row-unread row-changed")
    expect(changed.locator("[data-row-mark]")).to_have_text("изменено")
    expect(page.locator("[data-list-says]")).to_have_text("Изменились: ACCREDO-2")
    expect(page.locator(".queue-news-button")).to_have_count(0)
    keys = page.locator("[data-rows] td.key").all_text_contents()
    assert keys == ["ACCREDO-1", "ACCREDO-2", "ACCREDO-3", "ACCREDO-4"]
    changed.locator("[data-row-link]").focus()
    expect(changed.locator("[data-row-mark]")).to_have_count(0)
    rename(live, 3, "Плоттер")
    page.clock.run_for(21_000)
    expect(page.locator("[data-list-says]")).to_have_text("Изменились: ACCREDO-3")


def test_what_has_the_focus_is_left_until_it_goes(page: Page, live: Cast) -> None:
    link = page.locator(row(page, 2)).locator("[data-row-link]")
    link.focus()
    rename(live, 2, "Сканер")
    page.clock.run_for(21_000)
    expect(page.locator(row(page, 2))).to_have_class("row-unread row-current row-changed")
    expect(link).to_have_text("Принтер 2")
    expect(link).to_be_focused()
    page.locator(row(page, 3)).locator("[data-row-link]").focus()
    page.clock.run_for(100)
    expect(link).to_have_text("Сканер")


@pytest.mark.parametrize("russian", [False, True])
def test_new_requests_wait_behind_a_bar_and_are_marked_then(page: Page, live: Cast, russian: bool) -> None:
    link = page.locator(row(page, 2)).locator("[data-row-link]")
    link.focus()
    copies(live, 7, 2, created_at=timezone.now() + timedelta(days=1))
    page.clock.run_for(21_000)
    expect(page.locator(".queue-news-button")).to_have_text("2 новых: показать")
    expect(page.locator("[data-rows] tbody tr")).to_have_count(4)
    expect(link).to_be_focused()
    press(page, "KeyU", russian=russian)
    expect(page.locator("[data-rows] tbody tr")).to_have_count(6)
    expect(page.locator(".row-new")).to_have_count(2)
    expect(page.locator(row(page, 2)).locator("[data-row-link]")).to_be_focused()


AGAIN = "htmx.ajax('GET', location.href, {target: '#queue', swap: 'outerHTML'})"


def test_new_requests_stay_marked_through_further_lists_until_one_was_there(page: Page, live: Cast) -> None:
    page.locator(row(page, 2)).locator("[data-row-link]").focus()
    copies(live, 7, 2, created_at=timezone.now() + timedelta(days=1))
    page.evaluate(f"{AGAIN}; {AGAIN}")  # one right behind the other
    expect(page.locator(".row-new")).to_have_count(2)
    page.evaluate(AGAIN)
    page.wait_for_load_state("networkidle")
    expect(page.locator(".row-new")).to_have_count(2)
    page.locator(row(page, 7)).locator("[data-row-link]").focus()
    expect(page.locator(".row-new")).to_have_count(1)
    page.evaluate(AGAIN)
    page.wait_for_load_state("networkidle")
    expect(page.locator(".row-new")).to_have_count(1)


@pytest.mark.parametrize("russian", [False, True])
def test_keys_walk_and_open_and_one_comes_back_to_the_row(page: Page, russian: bool) -> None:
    for _ in range(3):
        press(page, "KeyJ", russian=russian)
    press(page, "KeyK", russian=russian)
    expect(page.locator(row(page, 2)).locator("[data-row-link]")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator(row(page, 3))).to_have_class("row-unread row-current")
    with page.expect_navigation(url="**/browse/ACCREDO-3"):
        press(page, "KeyO", russian=russian)
    with page.expect_navigation():
        page.keyboard.press("q")
    expect(page.locator(row(page, 3)).locator("[data-row-link]")).to_be_focused()


def test_switched_off_keys_do_nothing_in_a_list(page: Page) -> None:
    page.evaluate("document.documentElement.setAttribute('data-keys', 'off')")
    press(page, "KeyJ")
    expect(page.locator(".row-current")).to_have_count(0)
    page.locator(row(page, 2)).locator("[data-row-link]").focus()
    page.keyboard.press("ArrowDown")
    press(page, "KeyO")
    expect(page.locator(row(page, 2)).locator("[data-row-link]")).to_be_focused()


def test_two_agents_see_each_others_changes(live: Cast, live_server: LiveServer, browser: Browser) -> None:
    copies(live, 2, 3)
    with (
        watched_tab(browser, live_server.url, live.agent) as watching,
        watched_tab(browser, live_server.url, live.lead) as acting,
    ):
        watching.clock.install()
        watching.goto(queue_url(live.desk) + "?sort=key")
        acting.goto("/browse/ACCREDO-2")
        acting.get_by_role("button", name="Назначить мне").click()
        expect(acting.locator("#saved-assignee")).not_to_be_empty()
        watching.clock.run_for(21_000)
        cell = watching.locator(row(watching, 2)).locator("td.assignee")
        expect(cell).to_contain_text(live.lead.name)
        watching.goto(FILTER)
        expect(watching.locator(row(watching, 2))).to_be_visible()


@pytest.mark.parametrize("russian", [False, True])
def test_rows_are_selected_by_keys(page: Page, russian: bool) -> None:
    chosen = page.locator("[data-rows] input[name=ticket]:checked")
    press(page, "KeyJ", russian=russian)
    press(page, "KeyX", russian=russian)
    expect(page.locator(row(page, 1)).locator("input[name=ticket]")).to_be_checked()
    for _ in range(2):
        press(page, "KeyJ", russian=russian)
    press(page, "KeyX", russian=russian, shift=True)
    expect(chosen).to_have_count(3)
    press(page, "KeyX", russian=russian)
    expect(chosen).to_have_count(2)
    press(page, "KeyA", russian=russian, ctrl=True)
    expect(chosen).to_have_count(4)
    page.keyboard.press("Escape")
    expect(chosen).to_have_count(0)


def test_a_selected_row_is_left_until_it_is_selected_no_more(page: Page, live: Cast) -> None:
    box = page.locator(row(page, 2)).locator("input[name=ticket]")
    box.check()
    rename(live, 2, "Сканер")
    page.clock.run_for(21_000)
    link = page.locator(row(page, 2)).locator("[data-row-link]")
    expect(page.locator("[data-list-says]")).to_have_text("Изменились: ACCREDO-2")
    expect(link).to_have_text("Принтер 2")
    box.uncheck()
    expect(link).to_have_text("Сканер")


def test_what_was_done_in_a_selected_row_is_not_put_back_by_older_news(page: Page, live: Cast) -> None:
    box = page.locator(row(page, 2)).locator("input[name=ticket]")
    box.check()
    rename(live, 2, "Сканер")
    page.clock.run_for(21_000)
    expect(page.locator("[data-list-says]")).to_have_text("Изменились: ACCREDO-2")
    assignee = page.locator(row(page, 2)).locator("td.assignee")
    expect(assignee).to_have_attribute("data-value", "")
    assignee.locator(".cell-edit").click()
    page.locator(".cell-option:not(.cell-option-now)").first.click()
    expect(assignee).not_to_have_attribute("data-value", "")
    box.uncheck()
    page.clock.run_for(100)
    expect(assignee).not_to_have_attribute("data-value", "")
    expect(page.locator(row(page, 2)).locator("[data-row-link]")).to_have_text("Сканер")
