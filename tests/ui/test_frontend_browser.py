"""Scripts in Chromium under the product's Content-Security-Policy: theme, menus, keys, double submission."""

import threading
from collections.abc import Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import Context, Template
from django.test import override_settings
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.ui.test_ui_tags import FakeFrame

pytestmark = pytest.mark.browser

BODY = """{% extends "otklik/workspace_base.html" %}{% load otklik_ui %}{% block title %}T{% endblock %}
{% block content %}<p id="words">{% status "Открыт" "new" %}</p>
<form id="plain" method="post" action="/sent"><input name="comment"><button id="send">Отправить</button></form>
<form id="asked" method="post" action="/sent" data-confirm="Точно?"><button id="sure">Удалить</button></form>
<form id="chosen" method="post" action="/sent"><fieldset><legend>Оценка</legend>
<label><input type="radio" name="score" value="1" required>1</label>
<label><input type="radio" name="score" value="2" required>2</label>
</fieldset><button id="score">Оценить</button></form>
<button id="gone" hx-get="/missing">Фрагмент</button>{% endblock %}"""
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Quiet(WSGIRequestHandler):
    """A handler without an access log."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it
        """Log nothing."""


class Pages:
    """A server of one page and the static files; counts POST requests."""

    def __init__(self) -> None:
        self.posts = 0
        rules = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        self.policy = "; ".join(f"{key} {' '.join(map(str, value))}" for key, value in rules.items())

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith("/static/"):
            found = finders.find(path.removeprefix("/static/"))
            start("200 OK", [("Content-Type", TYPES[Path(str(found)).suffix])])
            return [Path(str(found)).read_bytes()]
        if environ["REQUEST_METHOD"] == "POST":
            self.posts += 1
            start("204 No Content", [])
            return [b""]
        status = "404 Not Found" if path == "/missing" else "200 OK"
        start(status, [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", self.policy)])
        with override_settings(ROOT_URLCONF="tests.core.addresses"):
            return [Template(BODY).render(Context({"frame": FakeFrame()})).encode()]


@pytest.fixture
def pages() -> Iterator[tuple[Pages, str]]:
    app = Pages()
    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield app, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """Yield the context of a new visitor on a phone with a dark theme."""
    context = browser.new_context(color_scheme="dark", viewport={"width": 390, "height": 800})
    context.set_default_timeout(10_000)
    yield context
    context.close()


def opened(visitor: BrowserContext, url: str) -> tuple[Page, list[str]]:
    complaints: list[str] = []
    page = visitor.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(url)
    return page, complaints


def test_page_works_under_the_policy(visitor: BrowserContext, pages: tuple[Pages, str]) -> None:
    page, complaints = opened(visitor, pages[1])
    assert page.evaluate("typeof htmx") == "object"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.querySelector('#words .status').getBoundingClientRect().width > 40")
    assert complaints == []


def test_theme_follows_the_system_until_chosen(visitor: BrowserContext, pages: tuple[Pages, str]) -> None:
    page, _ = opened(visitor, pages[1])
    shown = "document.documentElement.dataset.bsTheme"
    assert page.evaluate(shown) == "dark"
    page.locator("details[data-menu] > summary").click()
    page.locator('[data-theme-set="light"]').click()
    assert page.evaluate(shown) == "light"
    kept = [cookie["value"] for cookie in visitor.cookies() if cookie["name"] == "otklik_theme"]
    assert kept == ["light"]
    page.locator('[data-theme-set="auto"]').click()
    assert page.evaluate(shown) == "dark"
    assert visitor.cookies() == []


def test_menu_and_sidebar_close_by_escape(visitor: BrowserContext, pages: tuple[Pages, str]) -> None:
    page, _ = opened(visitor, pages[1])
    page.locator("details[data-menu] > summary").click()
    page.keyboard.press("Escape")
    assert page.locator("details[data-menu]").get_attribute("open") is None
    page.locator(".ws-toggle").click()
    assert page.locator("#sidebar").evaluate("element => getComputedStyle(element).display") == "block"
    page.keyboard.press("Escape")
    assert page.locator("#sidebar").is_hidden()


def test_shortcut_is_a_place_not_a_letter(visitor: BrowserContext, pages: tuple[Pages, str]) -> None:
    page, _ = opened(visitor, pages[1])
    press = "key => document.body.dispatchEvent(new KeyboardEvent('keydown', {key, code: 'Slash', bubbles: true}))"
    page.evaluate(press, ".")  # what the key gives in the Russian layout
    assert page.evaluate("document.activeElement.id") == "go-number"
    page.keyboard.type("/4")
    assert page.locator("#go-number").input_value() == "/4"


def test_form_is_sent_once(visitor: BrowserContext, pages: tuple[Pages, str]) -> None:
    app, url = pages
    page, _ = opened(visitor, url)
    page.evaluate("() => { const send = document.getElementById('send'); send.click(); send.click(); }")
    page.wait_for_load_state("networkidle")
    assert app.posts == 1


def test_questions_are_asked_by_the_page_and_not_by_the_browser(
    visitor: BrowserContext, pages: tuple[Pages, str]
) -> None:
    app, url = pages
    page, complaints = opened(visitor, url)
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    question = page.get_by_role("alertdialog", name="Точно?")
    for refused in (lambda: page.keyboard.press("Escape"), lambda: question.get_by_role("button").nth(1).click()):
        page.locator("#sure").click()
        refused()
        expect(question).to_have_count(0)
        expect(page.locator("#sure")).to_be_focused()
    assert app.posts == 0
    page.locator("#sure").click()
    expect(question.get_by_role("button", name="Удалить")).to_be_focused()
    with page.expect_response("**/sent"):
        page.keyboard.press("Enter")
    assert (app.posts, complaints) == (1, [])


def test_what_was_agreed_to_is_sent_though_the_page_renewed_its_form(
    visitor: BrowserContext, pages: tuple[Pages, str]
) -> None:
    page, _ = opened(visitor, pages[1])
    page.locator("#sure").click()
    page.evaluate("document.getElementById('asked').replaceWith('…')")
    with page.expect_request("**/sent"):
        page.get_by_role("alertdialog").get_by_role("button", name="Удалить").click()


def test_a_choice_that_is_missing_is_told_once_for_all_its_buttons(
    visitor: BrowserContext, pages: tuple[Pages, str]
) -> None:
    app, url = pages
    page, _ = opened(visitor, url)
    line, first = page.locator("#chosen .field-error"), page.locator("[name=score]").first
    for _ in range(2):
        page.locator("#score").click()
        expect(line).to_have_count(1)
        expect(line).not_to_be_empty()
        expect(first).to_be_focused()
        expect(first).to_have_attribute("aria-errormessage", str(line.get_attribute("id")))
    page.locator("[name=score]").nth(1).check()
    expect(line).to_have_count(0)
    assert first.get_attribute("aria-invalid") is None
    assert app.posts == 0


def test_failed_fragment_is_announced(visitor: BrowserContext, pages: tuple[Pages, str]) -> None:
    page, _ = opened(visitor, pages[1])
    page.locator("#gone").click()
    notice = page.locator('[role="alert"] [data-flash]')
    notice.wait_for()
    assert notice.inner_text().strip()
    notice.locator("[data-dismiss]").click()
    assert notice.count() == 0
