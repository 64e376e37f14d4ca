"""Changes in a ticket's panel are saved at once, can be undone, and submit no typed text."""

import re

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from otklik.people.actor import Actor
from otklik.tickets.commands.fields import assign, change_priority
from otklik.tickets.commands.properties import change_labels
from otklik.tickets.models import Ticket
from tests.browser import watched_tab
from tests.cast import START, Cast
from tests.workspace.helpers import as_, hidden, page_of, words_said

HX = {"HX-Request": "true"}


def stands(cast: Cast) -> Ticket:
    cast.ticket.refresh_from_db()
    return cast.ticket


def known(client: Client) -> dict[str, str]:
    """Return the page's `version` and `seen`."""
    page = page_of(client.get("/browse/ACCREDO-1"))
    return {name: hidden(page, name) for name in ("version", "seen")}


def note_of(page: str, place: str) -> str:
    return page.split(f'<div id="saved-{place}" hx-swap-oob')[1].split("</div>")[0]


def test_an_act_brings_the_page_as_it_stands_now(cast: Cast) -> None:
    client = as_(cast.agent)
    words = {**known(client), "before": "", "assignee": str(cast.lead.pk)}
    answer = client.post("/browse/ACCREDO-1/assign", words, headers=HX)
    page = page_of(answer)
    assert stands(cast).assignee == cast.lead and words_said(answer) == []
    assert 'hx-swap-oob="morph"' in page and "<html" not in page
    note = note_of(page, "assignee")
    assert "Исполнитель: Лидия Главная." in note and "Отменить" in note
    undo = dict(re.findall(r'name="(\w+)" value="([^"]*)"', note))
    page = page_of(client.post("/browse/ACCREDO-1/assign", undo, headers=HX))
    assert stands(cast).assignee is None and "Отменить" not in note_of(page, "assignee")


def test_a_priority_can_be_undone_and_choosing_the_same_leaves_nothing_to_undo(cast: Cast) -> None:
    client = as_(cast.agent)
    before, high = str(cast.ticket.priority_id), cast.desk.priorities.get(name="Высокий")
    words = {**known(client), "before": before, "priority": str(high.pk)}
    note = note_of(page_of(client.post("/browse/ACCREDO-1/priority", words, headers=HX)), "priority")
    assert stands(cast).priority == high and "Приоритет: Высокий." in note
    again = {**words, "before": str(high.pk)}
    assert "Отменить" not in note_of(page_of(client.post("/browse/ACCREDO-1/priority", again, headers=HX)), "priority")
    client.post("/browse/ACCREDO-1/priority", dict(re.findall(r'name="(\w+)" value="([^"]*)"', note)), headers=HX)
    assert str(stands(cast).priority_id) == before


def test_what_was_refused_is_said_where_it_was_done(cast: Cast) -> None:
    client = as_(cast.agent)
    words = {**known(client), "before": "", "assignee": str(cast.agent.pk)}
    assign(actor=Actor(cast.lead, "agent"), at=START, ticket=cast.ticket, assignee=cast.lead)
    page = page_of(client.post("/browse/ACCREDO-1/assign", words, headers=HX))
    assert "sent-bad" in note_of(page, "assignee") and "Лидия Главная" in note_of(page, "assignee")
    assert stands(cast).assignee == cast.lead
    page = page_of(client.post("/browse/ACCREDO-1/assign", {**words, "assignee": str(cast.anna.pk)}, headers=HX))
    assert "Выберите" in note_of(page, "assignee")


def test_rl_34_a_step_over_news_is_refused_where_it_was_done(cast: Cast) -> None:
    client = as_(cast.agent)
    words, close = known(client), cast.desk.transitions.get(name="Закрыть").pk
    assign(actor=Actor(cast.lead, "agent"), at=START, ticket=cast.ticket, assignee=cast.lead)
    page = page_of(client.post(f"/browse/ACCREDO-1/transition/{close}", words, headers=HX))
    assert "sent-bad" in note_of(page, "status") and stands(cast).closed_at is None
    page = page_of(client.post(f"/browse/ACCREDO-1/transition/{close}", known(client), headers=HX))
    assert "Статус: Закрыт." in note_of(page, "status") and stands(cast).closed_at is not None


@pytest.mark.browser
def test_a_choice_is_saved_by_itself_and_undone(agents_page: Page, live: Cast) -> None:
    agents_page.goto("/browse/ACCREDO-1")
    agents_page.locator("#reply_comment").fill("Недописанный ответ")
    expect(agents_page.get_by_role("button", name="Сохранить исполнителя")).to_be_hidden()
    agents_page.get_by_label("Исполнитель").select_option("Лидия Главная")
    note = agents_page.locator("#saved-assignee")
    expect(note).to_contain_text("Исполнитель: Лидия Главная.")
    assert Ticket.objects.get(key="ACCREDO-1").assignee == live.lead
    note.get_by_role("button", name="Отменить").click()
    expect(agents_page.get_by_label("Исполнитель")).to_have_value("")
    assert Ticket.objects.get(key="ACCREDO-1").assignee is None
    agents_page.get_by_role("button", name="Взять в работу").click()
    expect(agents_page.locator("#saved-status")).to_contain_text("Статус: В работе. Исполнитель: Глеб Орлов.")
    expect(agents_page.get_by_label("Исполнитель")).to_have_value(str(live.agent.pk))
    expect(agents_page.locator(".ticket-top")).to_contain_text("В работе")
    expect(agents_page.locator("#reply_comment")).to_have_value("Недописанный ответ")


@pytest.mark.browser
def test_who_chooses_and_goes_on_at_once_has_chosen(agents_page: Page, live: Cast) -> None:
    agents_page.goto("/browse/ACCREDO-1")
    agents_page.get_by_label("Приоритет", exact=True).select_option("Высокий")
    agents_page.goto("/secure/Dashboard.jspa")
    for _ in range(100):
        if Ticket.objects.get(key="ACCREDO-1").priority.name == "Высокий":
            break
        agents_page.wait_for_timeout(100)
    assert Ticket.objects.get(key="ACCREDO-1").priority.name == "Высокий"


@pytest.mark.browser
def test_a_line_that_is_being_typed_stays_when_news_come(agents_page: Page, live: Cast) -> None:
    agents_page.goto("/browse/ACCREDO-1")
    agents_page.locator("#labels").press_sequentially("срочно ска")
    high = live.desk.priorities.get(name="Высокий")
    change_priority(actor=Actor(live.lead, "agent"), at=START, ticket=live.ticket, priority=high)
    expect(agents_page.locator("#priority option:checked")).to_have_text("Высокий", timeout=30_000)
    agents_page.locator("#labels").press_sequentially("нер")
    agents_page.locator("#due").focus()
    expect(agents_page.locator("#saved-labels")).to_contain_text("Метки: ")
    live.ticket.refresh_from_db()
    assert set(live.ticket.labels) == {"срочно", "сканер"}


@pytest.mark.browser
def test_rl_34_a_line_typed_over_a_colleagues_is_not_saved_unawares(agents_page: Page, live: Cast) -> None:
    agents_page.goto("/browse/ACCREDO-1")
    line = agents_page.locator("#labels")
    line.press_sequentially("мои")
    change_labels(actor=Actor(live.lead, "agent"), at=START, ticket=live.ticket, labels=("чужие",))
    expect(agents_page.locator("#conversation, main").first).to_contain_text("чужие", timeout=30_000)
    agents_page.locator("#due").focus()
    expect(agents_page.locator("#saved-labels")).to_contain_text("Лидия Главная")
    assert line.input_value() == "мои"
    live.ticket.refresh_from_db()
    assert list(live.ticket.labels) == ["чужие"]
    line.press("Enter")
    expect(agents_page.locator("#saved-labels")).to_contain_text("Метки: мои")


@pytest.mark.browser
def test_a_line_that_a_restart_did_not_take_stays_when_news_come(agents_page: Page, live: Cast) -> None:
    agents_page.goto("/browse/ACCREDO-1")
    agents_page.route("**/browse/ACCREDO-1/labels", lambda route: route.fulfill(status=503, body="x"))
    agents_page.locator("#labels").press_sequentially("сканер")
    agents_page.locator("#due").focus()
    expect(agents_page.locator("[data-notice] .alert")).to_be_visible()
    high = live.desk.priorities.get(name="Высокий")
    change_priority(actor=Actor(live.lead, "agent"), at=START, ticket=live.ticket, priority=high)
    expect(agents_page.locator("#priority option:checked")).to_have_text("Высокий", timeout=30_000)
    expect(agents_page.locator("#labels")).to_have_value("сканер")
    agents_page.unroute("**/browse/ACCREDO-1/labels")
    agents_page.locator("#labels").press("Enter")
    expect(agents_page.locator("#saved-labels")).to_contain_text("Метки: сканер")


@pytest.mark.browser
def test_a_line_that_is_refused_stays_to_be_corrected(agents_page: Page, live: Cast) -> None:
    agents_page.goto("/browse/ACCREDO-1")
    agents_page.locator("#due").press_sequentially("32.12.2026")
    agents_page.locator("#labels").focus()
    expect(agents_page.locator("#saved-due")).to_contain_text("32.12.2026")
    agents_page.locator("#priority").select_option(label="Высокий")
    expect(agents_page.locator("#saved-priority")).to_contain_text("Высокий")
    assert agents_page.locator("#due").input_value() == "32.12.2026"


@pytest.mark.browser
def test_a_line_of_a_tab_that_is_closed_is_saved(agents_page: Page, live: Cast) -> None:
    agents_page.goto("/browse/ACCREDO-1")
    agents_page.locator("#labels").press_sequentially("сканер")
    agents_page.goto("/secure/Dashboard.jspa")
    for _ in range(100):
        if stands(live).labels:
            break
        agents_page.wait_for_timeout(100)
    agents_page.goto("/browse/ACCREDO-1")
    expect(agents_page.locator("#labels")).to_have_value("сканер")


@pytest.mark.browser
def test_what_was_chosen_without_a_connection_is_saved_when_there_is_one(agents_page: Page, live: Cast) -> None:
    agents_page.goto("/browse/ACCREDO-1")
    agents_page.context.set_offline(True)
    agents_page.locator("#assignee").select_option(label=live.lead.name)
    expect(agents_page.locator("[data-notice]")).to_contain_text("Нет связи с сервером")
    live.ticket.refresh_from_db()
    assert live.ticket.assignee != live.lead
    agents_page.context.set_offline(False)
    expect(agents_page.locator("#saved-assignee")).to_contain_text(live.lead.name)
    live.ticket.refresh_from_db()
    assert live.ticket.assignee == live.lead


@pytest.mark.browser
def test_without_scripts_a_choice_has_its_button(live: Cast, live_server: LiveServer, browser: Browser) -> None:
    with watched_tab(browser, live_server.url, live.agent, java_script_enabled=False) as page:
        page.goto("/browse/ACCREDO-1")
        page.get_by_label("Исполнитель").select_option("Лидия Главная")
        page.get_by_role("button", name="Сохранить исполнителя").click()
        expect(page.get_by_label("Исполнитель")).to_have_value(str(live.lead.pk))


@pytest.mark.browser
def test_an_act_after_the_session_ended_leads_to_the_login_not_into_the_page(agents_page: Page, live: Cast) -> None:
    agents_page.goto("/browse/ACCREDO-1")
    agents_page.context.clear_cookies(name="otklik_session")
    agents_page.get_by_role("button", name="Назначить мне").click()
    agents_page.wait_for_url("**/user/login**")


@pytest.mark.browser
def test_the_focus_frames_nothing_that_cannot_be_pressed(live: Cast, live_server: LiveServer, browser: Browser) -> None:
    """The button is gone after the act, and the focus goes to an empty place or, by a dialog, to the page itself."""
    frame = "() => getComputedStyle(document.activeElement).outlineStyle"
    with watched_tab(browser, live_server.url, live.agent) as page:
        page.goto("/browse/ACCREDO-1")
        mine = page.get_by_role("button", name="Назначить мне")
        mine.focus()
        assert page.evaluate(frame) == "solid"
        page.keyboard.press("Enter")
        expect(mine).to_have_count(0)
        assert page.evaluate(frame) == "none"
        expect(page.locator("#ticket-news")).to_have_count(1)
        page.locator("h1").click()
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert page.evaluate("() => document.activeElement.id") == "content"
        assert page.evaluate(frame) == "none"
