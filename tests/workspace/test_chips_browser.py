"""Chips of a filter in Chromium: by keyboard in both layouts, without scripts, on a phone."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser import watched_tab
from tests.cast import Cast

pytestmark = pytest.mark.browser


def _text(page: Page) -> str:
    return page.locator("#id_jql").input_value()


@pytest.mark.parametrize("field", ["стат", "cnfn"])
def test_by_keyboard_in_both_layouts_a_condition_is_made_changed_and_taken_out(
    live: Cast, live_server: LiveServer, browser: Browser, field: str
) -> None:
    with watched_tab(browser, live_server.url, live.agent) as page:
        page.goto("/issues/?jql=project%20%3D%20ACCREDO")
        page.wait_for_function("() => window.htmx")
        page.locator("[data-chip]", has_text="условие").press("Enter")
        expect(page.locator("#chip-sift")).to_be_focused()
        page.keyboard.type(field)
        expect(page.locator("[data-field]:visible").first).to_have_text("Статус")
        page.keyboard.press("Enter")
        expect(page.locator("#chip-title")).to_have_text("Статус")
        page.locator("#chip-values input").first.press("Space")
        page.get_by_role("button", name="Применить", exact=True).press("Enter")
        expect(page.locator("#chip-1")).to_have_text("Статус: Открытый")
        assert _text(page) == "project = ACCREDO AND статус = Открытый"
        page.wait_for_function("() => window.htmx")  # which comes after the page
        page.locator("#chip-1").press("Enter")
        expect(page.locator("#chip-values input").first).to_be_focused()
        expect(page.locator("#chip-1")).to_have_attribute("aria-expanded", "true")
        page.keyboard.press("Escape")
        expect(page.locator("[data-chip-form]")).to_have_count(0)
        expect(page.locator("#chip-1")).to_be_focused()
        page.keyboard.press("Enter")
        page.get_by_label("Закрыт", exact=True).press("Space")
        page.keyboard.press("Enter")
        expect(page.locator("#chip-1")).to_have_text("Статус: Открытый, Закрыт")
        expect(page.locator("#chip-1")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("#chip-1")).to_have_count(0)
        assert _text(page) == "project = ACCREDO"


def test_people_are_found_while_typing_and_those_chosen_stay(
    live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    with watched_tab(browser, live_server.url, live.agent) as page:
        page.goto("/issues/chip?chip=new&field=reporter")
        page.locator("#chip-who").press_sequentially("fyyf")
        page.get_by_label("Анна Петрова").check()
        page.locator("#chip-who").fill("Гле")
        expect(page.get_by_label("Глеб Орлов")).to_be_visible()
        expect(page.get_by_label("Анна Петрова")).to_be_checked()
        page.get_by_role("button", name="Применить", exact=True).click()
        expect(page.locator("#chip-0")).to_have_text("Заявитель: Анна Петрова")


def test_without_scripts_a_condition_is_made_and_the_text_can_be_folded(
    live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    with watched_tab(browser, live_server.url, live.agent, java_script_enabled=False) as page:
        page.goto("/issues/")
        page.get_by_role("button", name="условие").click()
        page.get_by_role("button", name="Заявитель").click()
        page.locator("#chip-who").fill("анна")
        page.locator("button[name=find]").click()
        page.get_by_label("Анна Петрова").check()
        page.get_by_role("button", name="Применить", exact=True).click()
        expect(page.locator("#chip-0")).to_have_text("Заявитель: Анна Петрова")
        page.locator("#chip-0").click()
        expect(page.get_by_label("Анна Петрова")).to_be_checked()
        page.locator(".chip-out").click()
        expect(page.locator(".chip-out")).to_have_count(0)


def test_a_folded_text_stays_folded_until_it_is_needed(live: Cast, live_server: LiveServer, browser: Browser) -> None:
    with watched_tab(browser, live_server.url, live.agent, viewport={"width": 390, "height": 800}) as page:
        page.goto("/issues/?jql=status%20%3D%20Open")
        page.locator("details[data-remembers] > summary").click()
        expect(page.locator("#id_jql")).to_be_hidden()
        page.wait_for_function("() => document.cookie.includes('otklik_filter_text=folded')")
        page.goto("/issues/?jql=status%20%3D%20Closed")
        expect(page.locator("#id_jql")).to_be_hidden()
        page.goto("/issues/?jql=status%20was%20Closed")
        page.locator("[data-opens-text]").click()
        expect(page.locator("#id_jql")).to_be_focused()
        page.goto("/issues/?jql=status%20%3D%20Open")
        expect(page.locator("#id_jql")).to_be_hidden()


def test_after_an_emoji_what_is_offered_and_the_mark_of_a_mistake_stand_where_they_belong(
    live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    with watched_tab(browser, live_server.url, live.agent) as page:
        page.goto("/issues/")
        box = page.locator("#id_jql")
        box.fill('text ~ "😀👍🏽 ок" AND ')
        box.press_sequentially("стат")
        page.locator("#id_jql-offers [role=option]", has_text="статус").first.click()
        assert _text(page) == 'text ~ "😀👍🏽 ок" AND статус '
        box.fill('text ~ "😀👍🏽 ок"\nAND исполнител = 1')
        box.press("Enter")
        page.wait_for_url("**/issues/?jql=*")
        marked = page.evaluate(
            "[id_jql.selectionStart, id_jql.selectionEnd].reduce((a, b) => id_jql.value.slice(a, b))"
        )
        assert marked == "исполнител"


@pytest.mark.parametrize("updated", ["обновл", "j,yjdk"])
def test_by_keyboard_in_both_layouts_a_group_is_made(
    live: Cast, live_server: LiveServer, browser: Browser, updated: str
) -> None:
    with watched_tab(browser, live_server.url, live.agent) as page:
        page.goto("/issues/?jql=assignee%20is%20EMPTY%20AND%20project%20%3D%20ACCREDO")
        page.wait_for_function("() => window.htmx")
        page.locator("[data-chip][value=or]").press("Enter")
        expect(page.locator("[data-first]")).to_have_text("Служба: Аккредитация")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("#chip-title")).to_have_text("Исполнитель: никто — или какое другое условие")
        expect(page.locator("#chip-sift")).to_be_focused()
        page.keyboard.type(updated)
        page.keyboard.press("Enter")
        expect(page.locator("#chip-title")).to_have_text("Обновлено")
        page.locator("[name=how][value=older]").press("Space")
        page.keyboard.press("Enter")
        expect(page.locator("#chip-0-1")).to_have_text("Обновлено: раньше 7 дней назад")
        expect(page.locator("#chip-0-1")).to_be_focused()
        assert _text(page) == "(assignee is EMPTY OR обновлено <= -7d) AND project = ACCREDO"
        page.locator("#chip-0 > .chip-out").press("Enter")
        expect(page.locator(".chip-group")).to_have_count(0)
        assert _text(page) == "project = ACCREDO"


def test_without_scripts_a_group_is_made_in_one_go(live: Cast, live_server: LiveServer, browser: Browser) -> None:
    with watched_tab(browser, live_server.url, live.agent, java_script_enabled=False) as page:
        page.goto("/issues/")
        page.get_by_role("button", name="условие").click()
        page.get_by_role("button", name="Исполнитель").click()
        page.get_by_label("никто").check()
        page.get_by_role("button", name="Применить, или").click()
        page.get_by_role("button", name="Срок").click()
        page.get_by_label("пусто", exact=True).check()
        page.get_by_role("button", name="Применить", exact=True).click()
        expect(page.locator(".chip-group .chip-words")).to_have_text(["Исполнитель: никто", "Срок: пусто"])
