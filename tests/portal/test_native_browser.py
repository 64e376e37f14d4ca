"""Native texts of an English browser are replaced by the page's: files, dates, required fields."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from otklik.desks.models import Field
from otklik.tickets.models import Ticket
from tests.browser import watched_tab
from tests.cast import Cast
from tests.portal.helpers import form

pytestmark = pytest.mark.browser
SIZE = "(found) => { const box = found.getBoundingClientRect(); return box.width * box.height; }"


@pytest.fixture
def page(live: Cast, live_server: LiveServer, browser: Browser) -> Iterator[Page]:
    """Yield the requester's tab in an English browser; the pages are Russian."""
    with watched_tab(browser, live_server.url, live.anna, locale="en-US") as opened:
        yield opened


def day(live: Cast, **more: Any) -> str:
    """Add a date field to the first type; return its key."""
    kind = live.desk.request_types.order_by("position")[0]
    Field.objects.create(request_type=kind, key="customfield_30500", position=50, kind="date", label="Когда", **more)
    return "customfield_30500"


def test_files_are_chosen_by_a_button_of_the_pages_language(live: Cast, page: Page) -> None:
    page.goto(form(live))
    field = page.locator("input[type=file]").first
    expect(page.locator(".file-button .btn").first).to_have_text("Выбрать файлы")
    assert field.evaluate(SIZE) <= 4, "the browser's own words are out of sight"
    with page.expect_file_chooser() as chosen:
        page.locator(".file-button .btn").first.click()
    chosen.value.set_files([{"name": "акт.txt", "mimeType": "text/plain", "buffer": b"x"}])
    expect(page.locator(".kept-file")).to_contain_text("акт.txt")


def test_a_day_is_typed_and_chosen_as_the_page_writes_it(live: Cast, page: Page) -> None:
    key = day(live)
    page.goto(form(live))
    text = page.locator(f'[name="{key}"]')
    expect(text).to_have_attribute("placeholder", "дд.мм.гггг")
    native = page.locator(f'[data-day-input]:has([name="{key}"]) [data-native]')
    native.evaluate("(one) => { one.value = '2026-12-31'; one.dispatchEvent(new Event('change', {bubbles: true})); }")
    expect(text).to_have_value("31.12.2026")
    page.get_by_label("Тема").fill("На день")
    page.get_by_label("Описание").fill("Нужно к сроку")
    page.get_by_role("button", name="Отправить запрос").click()
    expect(page.locator("h1")).to_have_text("На день")
    assert Ticket.objects.latest("id").answers[key] == "2026-12-31"


def test_what_is_missing_is_said_below_the_field_in_the_pages_language(live: Cast, page: Page) -> None:
    page.goto("/servicedesk/customer/user/requests/views?status=closed")
    name = page.locator("input[name=name]").first
    name.evaluate("(one) => { one.form.noValidate = false; one.required = true; one.value = ''; }")
    name.evaluate("(one) => one.form.requestSubmit()")
    line = page.locator(".field-error")
    expect(line).to_have_text("Заполните это поле.")
    expect(name).to_be_focused()
    name.fill("Мой")
    expect(line).to_have_count(0)


def test_what_is_missing_stands_at_its_field_where_a_form_has_several(
    live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    with watched_tab(browser, live_server.url, live.agent, locale="en-US") as page:
        page.goto(f"/browse/{live.ticket.key}")
        page.get_by_text("Запросить согласование").click()
        page.locator("#ask-approval").get_by_role("button", name="Запросить").click()
        line = page.locator("#approvers + .field-error")
        expect(line).to_have_text("Заполните это поле.")
        page.locator("#approvers").fill("boss@clinic.test")
        expect(line).to_have_count(0)
