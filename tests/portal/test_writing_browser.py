"""The editor's buttons: what they insert is rendered accordingly, for any selection."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser import live as live
from tests.browser import watched_tab
from tests.cast import Cast
from tests.portal.helpers import card

pytestmark = pytest.mark.browser

# What is typed, which words of it are chosen, the button, what stands there then, what the page makes of it.
MADE = [
    ("так важно тут", "важно", "bold", "так **важно** тут", "strong", ["важно"]),
    ("так важно тут", " важно ", "bold", "так **важно** тут", "strong", ["важно"]),
    ("раз\nдва\n", "раз\nдва\n", "bold", "**раз**\n**два**\n", "strong", ["раз", "два"]),
    ("файл __init__.py", "__init__.py", "bold", "файл **__init__.py**", "strong", ["__init__.py"]),
    (r"папка \\fs01\x_y", r"\\fs01\x_y", "bold", r"папка **\\fs01\x_y**", "strong", [r"\\fs01\x_y"]),
    ("маска *.tmp тут", "*.tmp", "bold", "маска ***.tmp** тут", "strong", ["*.tmp"]),
    ("так тихо.", "тихо", "italic", "так _*тихо*_.", "em", ["тихо"]),
    ("5*3*2", "5*3*2", "italic", "_*5*3*2*_", "em", ["5*3*2"]),
    ("введите a`b и", "a`b", "code", "введите ``a`b`` и", "code", ["a`b"]),
    ("Вот a\n  **b** конец", "a\n  **b**", "code", "Вот \n```\na\n  **b**\n```\n конец", "pre code", ["a\n  **b**\n"]),
    ("да\nнет", "да\nнет", "quote", "> да\n> нет", "blockquote", ["> да\n> нет"]),
    ("да\nнет", "да\nнет", "list", "- да\n- нет", ".item", ["- да", "- нет"]),
    ("да\nнет", "да\nнет", "numbers", "1. да\n2. нет", ".item", ["1. да", "2. нет"]),
    ("см. https://a.test/x_y", "https://a.test/x_y", "link", "см. [](https://a.test/x_y)", "a", ["https://a.test/x_y"]),
]


def pressed(page: Page, text: str, words: str, button: str) -> None:
    area = page.locator("#comment-on-request")
    area.fill(text)
    span = [text.index(words), text.index(words) + len(words)]
    area.evaluate("(area, span) => { area.focus(); area.setSelectionRange(...span); }", span)
    page.locator(f'[data-md-for="comment-on-request"] [data-md="{button}"]').click()


def test_what_the_buttons_write_is_read_as_such(live: Cast, live_server: LiveServer, browser: Browser) -> None:
    with watched_tab(browser, live_server.url, live.anna) as page:
        page.goto(card(live))
        for text, words, button, written, tag, shown in MADE:
            pressed(page, text, words, button)
            expect(page.locator("#comment-on-request")).to_have_value(written)
            page.locator('[data-md-for="comment-on-request"] [data-md-preview]').click()
            found = page.locator(f".md-preview .typed {tag}")
            expect(found).to_have_count(len(shown))
            assert [one.inner_text().strip("\n") for one in found.all()] == [one.strip("\n") for one in shown], written


def test_a_mark_without_words_waits_for_them(live: Cast, live_server: LiveServer, browser: Browser) -> None:
    with watched_tab(browser, live_server.url, live.anna) as page:
        page.goto(card(live))
        for button, written in (("bold", "так **да**"), ("italic", "так _*да*_"), ("code", "так ``да``")):
            page.locator("#comment-on-request").fill("так ")
            page.locator("#comment-on-request").press("Control+End")
            page.locator(f'[data-md-for="comment-on-request"] [data-md="{button}"]').click()
            page.keyboard.type("да")
            expect(page.locator("#comment-on-request")).to_have_value(written)


def test_blanks_and_lists_look_as_typed(live: Cast, live_server: LiveServer, browser: Browser) -> None:
    """Each line of a list is one line of the page, and spaces within a line keep their width."""
    with watched_tab(browser, live_server.url, live.anna) as page:
        page.goto(card(live))
        text = "Пароль: a  b.  Ответы:\n2. да\n5. нет\n\n7. не знаю"
        page.locator("#comment-on-request").fill(text)
        page.locator(".composer .btn-primary").click()
        shown = page.locator(".activity article .typed").first
        expect(shown).to_be_visible()
        assert [line for line in shown.inner_text().split("\n") if line] == [line for line in text.split("\n") if line]
        tops = [one.bounding_box() for one in shown.locator(".item").all()]
        assert tops[1]["y"] - tops[0]["y"] == pytest.approx(tops[0]["height"], abs=6)  # type: ignore[index]
