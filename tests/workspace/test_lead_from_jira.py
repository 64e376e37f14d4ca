"""From a filter to an undone bulk action: with pasted JQL, and with chips only."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from otklik.desks.models import Queue
from otklik.tickets.models import Ticket
from otklik.tickets.pumps.bulk_runs import work_next
from tests.browser import watched_tab
from tests.cast import Cast
from tests.tickets.bulk.parts import more_tickets
from tests.workspace.test_list_browser import press

pytestmark = pytest.mark.browser

PASTED = (
    "project = ACCREDO AND statusCategory != Done AND (assignee is EMPTY OR updated <= -2d)"
    " ORDER BY priority DESC, created ASC"
)
BY_CHIPS = "проект = ACCREDO AND (исполнитель is EMPTY OR обновлено <= -2d) ORDER BY приоритет DESC, создано ASC"


def worked() -> None:
    while work_next():
        pass


def by_tab(page: Page, selector: str, *, most: int = 80) -> None:
    """Press Tab until the element has the focus."""
    for _step in range(most):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {selector}")


def saved_and_starred(page: Page, name: str, *, whose: str = "") -> None:
    by_tab(page, 'a[href*="/queues/add?jql="]')
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Новая очередь")
    by_tab(page, "[name=name]")
    page.keyboard.type(name)
    if whose:
        page.locator("[name=whose]").select_option(whose)
        page.locator("[name=name]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1 .queue-total")).to_be_visible()
    expect(page.locator("h1")).to_contain_text(name)
    page.wait_for_function("() => window.htmx")
    by_tab(page, "button[name=starred]")
    page.keyboard.press("Enter")
    expect(page.locator("button[name=starred]")).to_have_attribute("aria-pressed", "true")


def assigned_and_taken_back(page: Page, live: Cast, *, russian: bool) -> None:
    before = set(Ticket.objects.filter(assignee=live.lead).values_list("pk", flat=True))
    by_tab(page, "[data-tick-all]")
    page.keyboard.press("Space")
    expect(page.locator("[data-rows-count]")).to_have_text("Выбрано: 5")
    by_tab(page, '[data-rows-bar] button[value="assign"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/issues/bulk/*")
    page.get_by_label("Исполнитель").select_option(str(live.lead.pk))
    page.get_by_role("button", name="Что произойдёт").press("Enter")
    expect(page.get_by_text("5 выбрано: 5 изменятся")).to_be_visible()
    expect(page.locator("button[autofocus]")).to_be_focused()  # what is to be pressed
    page.keyboard.press("Enter")
    expect(page.get_by_role("progressbar")).to_be_visible()
    worked()
    expect(page.get_by_text("Готово. 5 изменено.")).to_be_visible()
    assert Ticket.objects.filter(assignee=live.lead).count() == len(before) + 5
    press(page, "KeyZ", russian=russian)
    expect(page.get_by_text("Изменения отменяются.")).to_be_visible()
    worked()
    expect(page.get_by_text("Отменено. 5 возвращено.")).to_be_visible()
    assert set(Ticket.objects.filter(assignee=live.lead).values_list("pk", flat=True)) == before


def test_a_lead_pastes_a_filter_of_jira_and_takes_a_batch_back(
    live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    more_tickets(live, 5)
    Ticket.objects.update(assignee=None)
    with watched_tab(browser, live_server.url, live.lead) as page:
        page.goto("/issues/")
        expect(page.locator("#id_jql")).to_be_focused()
        page.keyboard.insert_text(PASTED)
        page.keyboard.press("Enter")
        expect(page.locator("input.row-select")).to_have_count(5)
        page.wait_for_function("() => window.htmx")
        saved_and_starred(page, "Без присмотра", whose=live.desk.key)
        queue = Queue.objects.get(name="Без присмотра")
        assert queue.desk == live.desk
        assigned_and_taken_back(page, live, russian=True)


# "служ", "испол", "обнов" in the other layout; both layouts of each step: test_chips_browser.py, test_bulk_browser.py.
FIELDS = {"project": "cke;", "assignee": "bcgjk", "updated": "j,yjd"}


def chosen_field(page: Page, typed: str) -> None:
    expect(page.locator("#chip-sift")).to_be_focused()
    page.keyboard.type(typed)
    page.keyboard.press("Enter")
    expect(page.locator("[data-chip-form] fieldset.chip-ways")).to_be_visible()
    expect(page.locator("[data-chip-form] :focus")).to_have_count(1)


def settled(page: Page, chip: str, words: str) -> None:
    """Wait until the list was reloaded with this chip and its scripts have run.

    They move the focus, and keys pressed before have no effect.
    """
    expect(page.locator(chip)).to_have_text(words)
    page.wait_for_function("() => window.htmx")


def test_an_agent_does_the_same_by_chips_and_never_types_the_language(
    live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    more_tickets(live, 5)
    Ticket.objects.update(assignee=None)
    with watched_tab(browser, live_server.url, live.agent) as page:
        page.goto("/issues/")
        page.wait_for_function("() => window.htmx")
        page.locator("details[data-remembers] > summary").press("Enter")
        expect(page.locator("#id_jql")).to_be_hidden()
        by_tab(page, "[data-chip][value=new]")
        page.keyboard.press("Enter")
        chosen_field(page, FIELDS["project"])
        by_tab(page, "#chip-values input")
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        settled(page, "#chip-0", "Служба: Аккредитация")
        by_tab(page, "[data-chip][value=new]")
        page.keyboard.press("Enter")
        chosen_field(page, FIELDS["assignee"])
        by_tab(page, '#chip-values input[value="EMPTY"]')
        page.keyboard.press("Space")
        by_tab(page, "button[name=further]")
        page.keyboard.press("Enter")
        expect(page.locator("#chip-title")).to_have_text("Исполнитель: никто — или какое другое условие")
        chosen_field(page, FIELDS["updated"])
        page.keyboard.press("ArrowDown")
        expect(page.locator("[name=how][value=older]")).to_be_checked()
        by_tab(page, '[name="older.amount"]')
        page.keyboard.press("Control+A")
        page.keyboard.type("2")
        page.keyboard.press("Enter")
        settled(page, "#chip-1-1", "Обновлено: раньше 2 дней назад")
        by_tab(page, "#chip-order")
        page.keyboard.press("Enter")
        expect(page.locator("[name=by]").first).to_be_focused()
        page.locator("[name=by]").nth(0).select_option(label="Приоритет")
        page.locator("[name=down]").nth(0).select_option("1")
        page.locator("[name=by]").nth(1).select_option(label="Создано")
        page.locator("[name=down]").nth(1).select_option("0")
        page.get_by_role("button", name="Применить", exact=True).press("Enter")
        expect(page.locator("#chip-order")).to_contain_text("Приоритет по убыванию, Создано по возрастанию")
        assert page.locator("#id_jql").input_value() == BY_CHIPS
        expect(page.locator("#id_jql")).to_be_hidden()  # nobody saw it
        expect(page.locator("input.row-select")).to_have_count(5)
        saved_and_starred(page, "Ничьи и забытые")
        assigned_and_taken_back(page, live, russian=False)
