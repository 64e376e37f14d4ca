"""Bulk selection and changes in Chromium: by mouse, by keys in both layouts, with a colleague's changes."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from otklik.people.actor import Actor
from otklik.tickets.commands.comment import comment
from otklik.tickets.content import Words
from otklik.tickets.models import BulkRun, Ticket
from otklik.tickets.pumps.bulk_runs import work_next
from tests.acting import LATER
from tests.browser import watched_tab
from tests.cast import Cast
from tests.everybody.test_pages import axe_finds
from tests.tickets.bulk.parts import more_tickets
from tests.workspace.helpers import queue_url
from tests.workspace.test_list_browser import press

pytestmark = pytest.mark.browser


@pytest.fixture
def page(live: Cast, live_server: LiveServer, browser: Browser) -> Iterator[Page]:
    """Yield the queue with five tickets."""
    more_tickets(live, 5)
    with watched_tab(browser, live_server.url, live.lead) as page:
        page.goto(queue_url(live.desk) + "?sort=key")
        yield page


def ticked(page: Page) -> list[int]:
    """Return the selected rows, counted from 1."""
    boxes = page.locator("input.row-select").all()
    return [number for number, box in enumerate(boxes, 1) if box.is_checked()]


def said(page: Page) -> str:
    return page.locator("[data-rows-count]").inner_text()


def worked() -> None:
    while work_next():
        pass


def test_a_range_all_of_the_page_and_all_that_are_found(page: Page) -> None:
    boxes, bar = page.locator("input.row-select"), page.locator("[data-rows-bar]")
    expect(bar).to_be_hidden()
    boxes.nth(1).click()
    boxes.nth(3).click(modifiers=["Shift"])
    assert ticked(page) == [2, 3, 4] and said(page) == "Выбрано: 3"
    head = page.locator("th [data-tick-all]")
    assert head.evaluate("box => box.indeterminate")
    head.click()
    assert ticked(page) == [1, 2, 3, 4, 5]
    page.locator("[data-rows-all]").check()
    boxes.nth(0).uncheck()
    assert not page.locator("[data-rows-all]").is_checked() and said(page) == "Выбрано: 4"
    page.locator("[data-rows-none]").click()
    assert ticked(page) == []
    expect(bar).to_be_hidden()


@pytest.mark.parametrize("russian", [False, True])
def test_from_the_list_to_taking_it_back_by_the_keyboard(page: Page, live: Cast, russian: bool) -> None:
    press(page, "KeyJ", russian=russian)
    press(page, "KeyX", russian=russian)
    press(page, "KeyJ", russian=russian)
    press(page, "KeyJ", russian=russian)
    press(page, "KeyX", russian=russian, shift=True)
    assert ticked(page) == [1, 2, 3]
    page.locator('[data-rows-bar] button[value="assign"]').focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/issues/bulk/*")
    page.get_by_label("Исполнитель").select_option(label="Глеб Орлов")
    page.get_by_role("button", name="Что произойдёт").press("Enter")
    expect(page.get_by_text("3 выбрано: 3 изменятся")).to_be_visible()
    expect(page.get_by_text("Уйдут 3 письма: 1 сотруднику.")).to_be_visible()
    # What is to be pressed now has the focus.
    expect(page.locator("button[autofocus]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("progressbar")).to_be_visible()
    worked()
    expect(page.get_by_text("Готово. 3 изменено.")).to_be_visible()
    assert Ticket.objects.filter(assignee=live.agent).count() == 3
    press(page, "KeyZ", russian=russian)
    expect(page.get_by_text("Изменения отменяются.")).to_be_visible()
    worked()
    expect(page.get_by_text("Отменено. 3 возвращено.")).to_be_visible()
    assert not Ticket.objects.filter(assignee=live.agent).exists()


def test_what_a_colleague_did_meanwhile_stays_and_is_named(
    page: Page, live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    page.locator("th [data-tick-all]").click()
    page.locator('[data-rows-bar] button[value="labels"]').click()
    page.get_by_label("Добавить метки").fill("vip")
    page.get_by_role("button", name="Что произойдёт").click()
    page.get_by_role("button", name="Изменить 5 запросов").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    worked()
    expect(page.get_by_text("Готово. 5 изменено.")).to_be_visible()
    with watched_tab(browser, live_server.url, live.agent) as colleague:
        colleague.goto("/browse/ACCREDO-2")
        colleague.locator("#take-it, form[action$='/take'] button").first.click()
        expect(colleague.get_by_text("Глеб Орлов").first).to_be_visible()
    ticket = Ticket.objects.get(key="ACCREDO-3")
    comment(actor=Actor(live.anna, "portal"), at=LATER, ticket=ticket, words=Words("Ещё вопрос"))
    page.get_by_role("button", name="Отменить").click()
    expect(page.get_by_text("Изменения отменяются.")).to_be_visible()
    worked()
    expect(page.get_by_text("Отменено. 3 возвращено, 2 не удалось вернуть.")).to_be_visible()
    reasons = page.locator(".bulk-reasons")
    expect(reasons).to_contain_text("С запросом с тех пор работали: Глеб Орлов. ACCREDO-2")
    expect(reasons).to_contain_text("С запросом с тех пор работали: Анна Петрова. ACCREDO-3")
    assert set(Ticket.objects.filter(labels=["vip"]).values_list("key", flat=True)) == {"ACCREDO-2", "ACCREDO-3"}
    assert BulkRun.objects.get().state == "undone"


def test_the_selection_survives_a_list_that_comes_anew(page: Page, live: Cast) -> None:
    page.locator("input.row-select").nth(2).click()
    page.evaluate("htmx.ajax('GET', location.href, {target: '#queue', swap: 'outerHTML', select: '#queue'})")
    page.wait_for_function("() => document.querySelectorAll('.htmx-request, .htmx-settling').length === 0")
    expect(page.locator("[data-rows-bar]")).to_be_visible()
    assert ticked(page) == [3] and said(page) == "Выбрано: 1"


def test_on_a_phone_the_bar_is_a_line_and_the_acts_are_its_menu(agents_page: Page, live: Cast) -> None:
    agents_page.set_viewport_size({"width": 390, "height": 844})
    agents_page.goto(queue_url(live.desk))
    agents_page.locator('input[name="ticket"]').first.check()
    bar, more = agents_page.locator("#bulk-form"), agents_page.get_by_role("button", name="Изменить", exact=True)
    assert bar.evaluate("(bar) => bar.offsetHeight") <= 56
    assert agents_page.evaluate("document.documentElement.scrollWidth") <= 390
    act = agents_page.get_by_role("button", name="Назначить")
    expect(act).to_be_hidden()
    more.press("Enter")
    expect(act).to_be_visible()
    assert axe_finds(agents_page, "bulk bar on a phone") == []
    agents_page.keyboard.press("Escape")
    expect(act).to_be_hidden()
    expect(more).to_be_focused()
    more.press("Enter")
    act.click()
    agents_page.wait_for_url("**/issues/bulk/*act=assign*")
