"""A canned answer is inserted while one types: by keyboard in either layout, by the button, on a phone."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from otklik.desks.commands.canned_answers import add_canned_answer
from tests.acting import by
from tests.browser import watched_tab
from tests.cast import Cast
from tests.everybody.test_pages import axe_finds

pytestmark = pytest.mark.browser


@pytest.fixture
def answers(live: Cast) -> None:
    for name, text in (
        ("Продлить доступ", "Продлили, {person.name}. Код: {answer.customfield_9}"),
        ("Архив", "Открыт"),
    ):
        values = {"folder": "Доступ", "name": name, "texts": {"ru": {"text": text}}}
        add_canned_answer(**by(live.lead), desk=live.desk, values=values)


def _composer(page: Page) -> None:
    page.goto("/browse/ACCREDO-1")
    page.wait_for_function("() => !!window.htmx && !!window.otklikPut")
    page.locator("#reply_comment").click()


@pytest.mark.parametrize("letters", ["прод", "ghjl"])
def test_two_colons_and_letters_insert_it_by_keyboard(
    live: Cast, answers: None, live_server: LiveServer, browser: Browser, letters: str
) -> None:
    with watched_tab(browser, live_server.url, live.agent) as page:
        _composer(page)
        box = page.locator("#reply_comment")
        page.keyboard.type(f"Добрый день! ::{letters}")
        options = page.get_by_role("listbox", name="Готовые ответы").get_by_role("option")
        expect(options).to_have_count(1)
        expect(options).to_contain_text("Продлили, Анна Петрова.")
        expect(box).to_have_attribute("role", "combobox")
        expect(box).to_have_attribute("aria-activedescendant", "reply_comment-canned-0")
        page.keyboard.press("Enter")
        expect(box).to_have_value("Добрый день! Продлили, Анна Петрова. Код: {answer.customfield_9}")
        expect(page.locator(".canned-list")).to_have_count(0)
        assert box.get_attribute("role") is None
        page.keyboard.type("17")  # over what has no value
        expect(box).to_have_value("Добрый день! Продлили, Анна Петрова. Код: 17")
        page.keyboard.press("Control+z")


def test_arrows_choose_escape_leaves_what_was_typed_and_no_other_colon_calls_it(
    live: Cast, answers: None, live_server: LiveServer, browser: Browser
) -> None:
    with watched_tab(browser, live_server.url, live.agent) as page:
        _composer(page)
        box, options = page.locator("#reply_comment"), page.locator(".canned-list [role=option]")
        page.keyboard.type("::")
        expect(options).to_have_count(2)
        page.keyboard.press("ArrowDown")
        expect(options.nth(1)).to_have_attribute("aria-selected", "true")
        page.keyboard.press("Escape")
        expect(options).to_have_count(0)
        expect(box).to_have_value("::")
        box.fill("")
        page.keyboard.type("std::vector 12::30 ::zzzz")
        expect(page.get_by_text("Ни один готовый ответ так не начинается.")).to_be_visible()
        page.keyboard.press("Enter")
        expect(box).to_have_value("std::vector 12::30 ::zzzz\n")


def test_the_button_opens_the_list_and_a_finger_chooses(
    live: Cast, answers: None, live_server: LiveServer, browser: Browser
) -> None:
    with watched_tab(browser, live_server.url, live.agent, viewport={"width": 390, "height": 844}) as page:
        _composer(page)
        page.locator("label.composer-mode", has_text="заметка").click()
        page.locator("#note [data-canned-open]").click()
        options = page.locator("#note .canned-list [role=option]")
        expect(options).to_have_count(2)
        assert axe_finds(page, "the open list") == []
        options.filter(has_text="Архив").click()
        expect(page.locator("#note_comment")).to_have_value("Открыт")
        expect(page.locator("#note_comment")).to_be_focused()
        page.locator("#note .btn-note").click()
        expect(page.locator(".message", has_text="Открыт")).to_be_visible()


def test_what_is_not_filled_in_is_told_and_may_be_sent_as_it_is(
    live: Cast, answers: None, live_server: LiveServer, browser: Browser
) -> None:
    with watched_tab(browser, live_server.url, live.agent) as page:
        _composer(page)
        page.keyboard.type("Код: {answer.customfield_9}")
        page.locator("#composer-send .btn-primary").click()
        expect(page.get_by_text("Ещё не заполнено: {answer.customfield_9}.")).to_be_visible()
        expect(page.locator("#reply_comment")).to_have_value("Код: {answer.customfield_9}")
        page.get_by_label("Отправить со скобками, как написано").check()
        page.locator("#composer-send .btn-primary").click()
        expect(page).to_have_url(re.compile(r"/browse/ACCREDO-1#(reply|message)-\d+$"))


def test_its_files_are_attached_and_can_be_left_out(
    live: Cast, answers: None, live_server: LiveServer, browser: Browser
) -> None:
    with watched_tab(browser, live_server.url, live.lead) as page:
        page.goto("/canned/add?for=ACCREDO")
        page.wait_for_function("() => !!window.htmx && !!window.otklikAttach")
        page.get_by_label("Название").fill("Бланк заявки")
        page.locator("#id_text_ru").fill("Бланк во вложении.")
        for name in ("Бланк.txt", "Образец.txt"):
            page.locator("#id_attachments").set_input_files(
                {"name": name, "mimeType": "text/plain", "buffer": name.encode()}
            )
            expect(page.locator(".kept-file", has_text=name)).to_be_visible()
        assert axe_finds(page, "the form with files") == []
        page.get_by_role("button", name="Сохранить").click()
        expect(page.locator(".movable-row", has_text="Бланк заявки")).to_contain_text("Бланк.txt, Образец.txt")
    with watched_tab(browser, live_server.url, live.agent) as page:
        _composer(page)
        page.locator("label.composer-mode", has_text="заметка").click()
        page.locator("#note_comment").click()
        page.keyboard.type("::бланк")
        expect(page.locator("#note .canned-list [role=option]")).to_contain_text("Образец.txt")
        page.keyboard.press("Enter")
        expect(page.locator("#note_comment")).to_have_value("Бланк во вложении.")
        expect(page.locator("#note .kept-file")).to_have_count(2)
        expect(page.locator("#reply .kept-file")).to_have_count(0)
        page.locator("#note .kept-file", has_text="Образец.txt").locator("input").uncheck()
        page.locator("#note .btn-note").click()
        message = page.locator(".message", has_text="Бланк во вложении.")
        expect(message).to_contain_text("Бланк.txt")
        expect(message).not_to_contain_text("Образец.txt")
