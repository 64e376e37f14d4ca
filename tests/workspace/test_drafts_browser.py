"""Texts typed on agents' pages survive any other action, in Chromium."""

from collections.abc import Callable, Iterator
from time import sleep

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from otklik.tickets.models import Draft, Message, Ticket
from tests.browser import watched_tab
from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.browser
REPLY, NOTE = "Недописанный ответ", "Недописанная заметка"


def write(page: Page) -> None:
    """Type into both composers."""
    page.goto("/browse/ACCREDO-1")
    page.locator("#reply_comment").fill(REPLY)
    page.get_by_role("radio", name="Внутренняя заметка").check(force=True)
    page.locator("#note_comment").fill(NOTE)


def take(page: Page) -> None:
    page.get_by_role("button", name="Назначить мне").click()
    expect(page.locator(".ticket-side")).to_contain_text("Исполнитель: Глеб Орлов.")


def assign(page: Page) -> None:
    page.locator("#assignee").select_option(label="Лидия Главная")
    save = page.get_by_role("button", name="Сохранить исполнителя")
    if save.is_visible():
        save.click()
    expect(page.locator("#assignee option:checked")).to_have_text("Лидия Главная")
    expect(page.locator(".ticket-side")).to_contain_text("Исполнитель: Лидия Главная.")


def priority(page: Page) -> None:
    page.locator("#priority").select_option(index=0)
    save = page.get_by_role("button", name="Сохранить приоритет")
    if save.is_visible():
        save.click()
    expect(page.locator(".ticket-side")).to_contain_text("Приоритет: ")


def transition(page: Page) -> None:
    page.locator(".side-card .btn-move").first.click()
    expect(page.locator(".ticket-side")).to_contain_text("Статус: В работе")


def subject(page: Page) -> None:
    page.locator(".rename summary").click()
    page.locator("#new-subject").fill("Другая тема")
    page.locator(".rename button").click()
    expect(page.locator("h1")).to_have_text("Другая тема")


def participant(page: Page) -> None:
    page.get_by_text("Добавить участника").or_(page.locator(".side-more summary").first).first.click()
    page.locator("#participant").fill("new@clinic.test")
    page.locator("#participant").press("Enter")
    expect(page.locator(".people").first).to_contain_text("new@clinic.test")


def search(page: Page) -> None:
    page.locator("#go-number").fill("протокол")
    page.locator("#go-number").press("Enter")
    page.wait_for_url("**/projects/go*")


@pytest.mark.parametrize("act", [take, assign, priority, transition, subject, participant, search])
def test_reply_and_note_survive_every_other_act(agents_page: Page, live: Cast, act: Callable[[Page], None]) -> None:
    write(agents_page)
    act(agents_page)
    agents_page.goto("/browse/ACCREDO-1")
    expect(agents_page.locator("#reply_comment")).to_have_value(REPLY)
    expect(agents_page.locator("#note_comment")).to_have_value(NOTE)
    assert not Message.objects.filter(text__in=[REPLY, NOTE]).exists()


def test_a_note_that_is_saved_leaves_the_reply_alone(agents_page: Page, live: Cast) -> None:
    write(agents_page)
    agents_page.get_by_role("button", name="Сохранить заметку").click()
    expect(agents_page.locator('[data-kind="internal"]').last).to_contain_text(NOTE)
    expect(agents_page.locator("#reply_comment")).to_have_value(REPLY)
    expect(agents_page.locator("#note_comment")).to_have_value("")
    agents_page.get_by_role("radio", name="Ответ заявителю").check(force=True)
    agents_page.get_by_role("button", name="Отправить заявителю").click()
    expect(agents_page.locator('[data-kind="public"]').last).to_contain_text(REPLY)
    expect(agents_page.locator("#reply_comment")).to_have_value("")
    agents_page.goto("/browse/ACCREDO-1")
    expect(agents_page.locator("#reply_comment")).to_have_value("")


@pytest.mark.parametrize("scripts", [True, False])
def test_rl_36_a_reply_survives_a_session_that_ended(
    live: Cast, live_server: LiveServer, browser: Browser, scripts: bool
) -> None:
    with watched_tab(browser, live_server.url, live.agent, java_script_enabled=scripts) as page:
        page.goto("/browse/ACCREDO-1")
        page.locator("#reply_comment").fill(REPLY)
        Session.objects.all().delete()
        page.get_by_role("button", name="Отправить заявителю").click()
        page.locator("[name=login]").fill("agent@desk.test")
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("#js-login-submit").click()
        page.wait_for_url("**/browse/ACCREDO-1")
        expect(page.locator("#reply_comment")).to_have_value(REPLY)
        assert not Message.objects.filter(text=REPLY).exists()


def test_leaving_asks_nothing_while_the_words_are_safe(agents_page: Page, live: Cast) -> None:
    asked = list[str]()
    agents_page.on("dialog", lambda one: (asked.append(one.type), one.accept()))
    write(agents_page)
    agents_page.goto("/secure/Dashboard.jspa")
    agents_page.goto("/browse/ACCREDO-1")
    expect(agents_page.locator("#note_comment")).to_have_value(NOTE)
    assert asked == []


def test_words_survive_a_page_that_was_written_before_they_were_kept(agents_page: Page, live: Cast) -> None:
    write(agents_page)

    def slow(route: Route) -> None:
        answer = route.fetch()
        for _ in range(100):
            if Draft.objects.filter(words__comment=[NOTE + "!"]).exists():
                break
            sleep(0.1)
        sleep(0.5)
        route.fulfill(response=answer)

    type_more = """() => { const note = document.getElementById("note_comment");
      note.value += "!"; note.dispatchEvent(new Event("input", { bubbles: true })); }"""
    agents_page.evaluate(f"() => setTimeout({type_more}, 400)")
    agents_page.route("**/browse/ACCREDO-1", slow)
    agents_page.goto("/browse/ACCREDO-1")
    expect(agents_page.locator("#note_comment")).to_have_value(NOTE + "!")
    agents_page.unroute_all()
    agents_page.goto("/browse/ACCREDO-1")
    expect(agents_page.locator("#note_comment")).to_have_value(NOTE + "!")
    expect(agents_page.locator("#reply_comment")).to_have_value(REPLY)


@pytest.fixture
def plain_page(live: Cast, live_server: LiveServer, browser: Browser) -> Iterator[Page]:
    """Yield the agent's tab without scripts."""
    with watched_tab(browser, live_server.url, live.agent, java_script_enabled=False) as page:
        page.goto("/browse/ACCREDO-1")
        yield page


def test_without_scripts_a_sent_note_leaves_the_reply(plain_page: Page, live: Cast) -> None:
    page = plain_page
    expect(page.locator("#note_comment")).to_be_hidden()
    page.locator("#reply_comment").fill(REPLY)
    page.get_by_role("button", name="Написать внутреннюю заметку").click()
    expect(page.locator("#reply_comment")).to_be_hidden()
    page.locator("#note_comment").fill(NOTE)
    page.get_by_role("button", name="Сохранить заметку").click()
    expect(page.locator('[data-kind="internal"]').last).to_contain_text(NOTE)
    expect(page.locator("#reply_comment")).to_be_visible()
    expect(page.locator("#reply_comment")).to_have_value(REPLY)
    assert not Message.objects.filter(text=REPLY).exists()


@pytest.mark.parametrize("button", ["Назначить мне", "Взять в работу"])
@pytest.mark.parametrize("noting", [False, True])
def test_without_scripts_acts_take_the_words_along(plain_page: Page, live: Cast, button: str, noting: bool) -> None:
    page, field, words = plain_page, "#reply_comment", REPLY
    if noting:
        page.get_by_role("button", name="Написать внутреннюю заметку").click()
        field, words = "#note_comment", NOTE
    page.locator(field).fill(words)
    page.get_by_role("button", name=button).click()
    live.ticket.refresh_from_db()
    assert live.ticket.assignee == live.agent
    expect(page.locator(field)).to_be_visible()
    expect(page.locator(field)).to_have_value(words)
    assert not Message.objects.filter(text=words).exists()


def test_a_call_survives_and_control_and_enter_register_it(agents_page: Page, live: Cast) -> None:
    agents_page.goto("/projects/ACCREDO/create")
    agents_page.get_by_label("Имя").fill("Новая Звонящая")
    agents_page.get_by_label("Тема").fill("Не печатает")
    agents_page.goto("/secure/Dashboard.jspa")
    agents_page.goto("/projects/ACCREDO/create")
    expect(agents_page.get_by_label("Имя")).to_have_value("Новая Звонящая")
    # The last words may come from the browser's own copy, which its script brings a moment after the page.
    expect(agents_page.get_by_label("Тема")).to_have_value("Не печатает")
    agents_page.get_by_label("Тема").press("Control+Enter")
    expect(agents_page.locator(".number-big")).to_have_text("ACCREDO-2")
    assert Ticket.objects.get(key="ACCREDO-2").requester.name == "Новая Звонящая"  # type: ignore[union-attr]
    agents_page.goto("/projects/ACCREDO/create")
    expect(agents_page.get_by_label("Имя")).to_have_value("")
    assert not Draft.objects.exclude(words={}).exists()


def test_a_correction_survives(agents_page: Page, live: Cast) -> None:
    agents_page.goto("/browse/ACCREDO-1")
    agents_page.get_by_role("radio", name="Внутренняя заметка").check(force=True)
    agents_page.locator("#note_comment").fill("Было")
    agents_page.locator("#note_comment").press("Control+Enter")
    agents_page.get_by_role("link", name="Изменить", exact=True).last.click()
    agents_page.locator("#edit-message").fill("Стало")
    agents_page.goto("/secure/Dashboard.jspa")
    agents_page.goto("/browse/ACCREDO-1")
    agents_page.get_by_role("link", name="Изменить", exact=True).last.click()
    expect(agents_page.locator("#edit-message")).to_have_value("Стало")
