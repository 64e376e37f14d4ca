"""Request forms in Chromium: conditions, two-step lists, dragged and pasted files, drafts, and no scripts."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from otklik.desks.models import Field
from otklik.tickets.models import Attachment, Draft, Ticket
from tests.browser import watched_tab
from tests.cast import Cast
from tests.portal.helpers import form

PLACES = [
    {"id": "1", "label": "Москва", "children": [{"id": "11", "label": "Арбат"}]},
    {"id": "2", "label": "Тула", "children": [{"id": "21", "label": "Кремль"}]},
]
# A file that comes by dragging or from the clipboard, as a browser makes it.
HAND_IN = """([place, kind, name]) => {
  const data = new DataTransfer();
  data.items.add(new File(["abc"], name, { type: "image/png" }));
  const given = kind === "paste" ? { clipboardData: data } : { dataTransfer: data };
  const made = kind === "paste" ? ClipboardEvent : DragEvent;
  document.querySelector(place).dispatchEvent(new made(kind, { ...given, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def page(live: Cast, live_server: LiveServer, browser: Browser) -> Iterator[Page]:
    """Yield the requester's tab; a script error or a violation of the policy fails the test."""
    with watched_tab(browser, live_server.url, live.anna) as made:
        yield made


def add(live: Cast, **more: Any) -> str:
    """Add a field to the first type's form; return its key."""
    kind = live.desk.request_types.order_by("position")[0]
    key = f"customfield_{30000 + Field.objects.count()}"
    Field.objects.create(request_type=kind, key=key, position=50, **more)
    return key


def test_a_field_appears_with_the_answer_that_brings_it(live: Cast, page: Page) -> None:
    page.goto(form(live))
    expect(page.get_by_label("Какой браузер")).to_be_hidden()
    page.get_by_label("Браузер", exact=False).first.select_option(label="Другой")
    expect(page.get_by_label("Какой браузер")).to_be_visible()
    page.get_by_label("Какой браузер").fill("Lynx")
    page.get_by_label("Тема").fill("Не видно")
    page.get_by_label("Описание").fill("Ничего")
    page.get_by_role("button", name="Отправить запрос").click()
    expect(page.locator("[data-answer]", has_text="Lynx")).to_be_visible()


def test_the_second_list_offers_what_belongs_to_the_first(live: Cast, page: Page) -> None:
    key = add(live, kind="cascade", label="Место", options=PLACES)
    page.goto(form(live))
    first, second = page.locator(f'[name="{key}"]'), page.locator(f'[name="{key}:1"]')
    expect(second).to_be_disabled()
    first.select_option("2")
    assert second.locator("option").all_inner_texts() == ["Уточните…", "Кремль"]


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_files_dragged_and_pasted_are_attached_at_once(live: Cast, page: Page, kind: str) -> None:
    page.goto(form(live))
    place = ".drop-zone" if kind == "drop" else "#id_description"
    page.evaluate(HAND_IN, [place, kind, "снимок.png"])
    expect(page.locator(".kept-file")).to_contain_text("снимок.png")
    page.get_by_label("Тема").fill("С файлом")
    page.get_by_label("Описание").fill("Вот")
    page.get_by_role("button", name="Отправить запрос").click()
    page.wait_for_url("**/ACCREDO-2")
    assert Attachment.objects.get(message__ticket__key="ACCREDO-2").name == "снимок.png"


def test_too_large_a_file_is_told_before_anything_is_sent(live: Cast, page: Page, settings: Settings) -> None:
    settings.ATTACHMENT_SIZE_LIMIT = 2
    page.goto(form(live))
    page.evaluate(HAND_IN, [".drop-zone", "drop", "большой.png"])
    expect(page.locator(".file-field [role=alert]")).to_contain_text("большой.png")
    expect(page.locator(".kept-file")).to_have_count(0)


def test_what_is_typed_is_a_draft_a_moment_later(live: Cast, page: Page) -> None:
    page.goto(form(live))
    page.get_by_label("Тема").fill("Недописанное")
    expect(page.locator("[data-draft-state]")).to_contain_text("Черновик сохранён")
    assert Draft.objects.get().words["summary"] == ["Недописанное"]
    page.goto("/servicedesk/customer/portals")
    page.goto(form(live))
    expect(page.get_by_text("Восстановлен черновик.")).to_be_visible()
    expect(page.get_by_label("Тема")).to_have_value("Недописанное")
    page.get_by_role("button", name="Начать заново").click()
    expect(page.get_by_label("Тема")).to_have_value("")


def test_the_focus_goes_to_the_first_field_that_is_wrong(live: Cast, page: Page) -> None:
    page.goto(form(live))
    page.get_by_label("Тема").fill("Есть")
    page.get_by_role("button", name="Отправить запрос").click()
    expect(page.get_by_label("Описание")).to_be_focused()
    expect(page.get_by_label("Описание")).to_have_attribute(
        "aria-describedby", "id_description_helptext id_description_error"
    )


def test_without_scripts_everything_can_be_sent(live: Cast, live_server: LiveServer, browser: Browser) -> None:
    with watched_tab(browser, live_server.url, live.anna, java_script_enabled=False) as page:
        page.goto(form(live))
        expect(page.get_by_text("Заполните, если «Браузер»: Другой.")).to_be_visible()
        page.get_by_label("Тема").fill("Без скриптов")
        page.get_by_label("Описание").fill("Всё работает")
        page.get_by_label("Вложения").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"abc"})
        page.get_by_role("button", name="Отправить запрос").click()
        page.wait_for_url("**/ACCREDO-2")
        assert Ticket.objects.get(key="ACCREDO-2").messages.get().attachments.get().name == "a.txt"
        page.context.close()


def test_results_come_as_one_types(live: Cast, page: Page) -> None:
    page.goto(f"/servicedesk/customer/portal/{live.desk.pk}")
    expect(page.locator(".type-card")).to_have_count(3)
    page.locator("#sd-customer-portal-smart-search-input").press_sequentially("jib,re")
    expect(page.locator(".type-card")).to_have_count(1)
    expect(page.locator(".type-card")).to_contain_text("Ошибка")


def test_fields_are_dragged_into_another_order(live: Cast, live_server: LiveServer, browser: Browser) -> None:
    with watched_tab(browser, live_server.url, live.lead) as page:
        kind = live.desk.request_types.order_by("position")[0]
        page.goto(f"/projects/ACCREDO/settings/types/{kind.pk}/form")
        rows = page.locator(".movable-row")
        with page.expect_response("**/form/order"):
            rows.nth(0).locator(".movable-grip").drag_to(rows.nth(2))
        assert next(iter(kind.form_fields.all())).key == "description"
        expect(rows.nth(0)).to_contain_text("Описание")
        page.context.close()
