"""The agents' pages in Chromium: keys, tabs, caller search."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from otklik.desks.models import Queue
from otklik.people.actor import Actor
from otklik.tickets.commands.comment import comment
from otklik.tickets.content import Words
from otklik.tickets.models import Message, Ticket
from otklik.tickets.pumps.pending_replies import release_next
from tests.browser import watched_tab
from tests.cast import START, Cast

pytestmark = pytest.mark.browser


def test_slash_digits_enter_opens_the_request_in_the_russian_layout(agents_page: Page, live: Cast) -> None:
    agents_page.goto("/secure/Dashboard.jspa")
    # The slash key of the Russian layout types a full stop; its place is what counts.
    agents_page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {code: 'Slash', key: '.', bubbles: true}))"
    )
    agents_page.keyboard.type("1")
    agents_page.keyboard.press("Enter")
    agents_page.wait_for_url("**/browse/ACCREDO-1")


def test_reply_and_note_are_two_forms_with_texts_of_their_own(agents_page: Page, live: Cast) -> None:
    agents_page.goto("/browse/ACCREDO-1")
    reply, note = agents_page.locator(".composer-reply"), agents_page.locator(".composer-note")
    expect(reply).to_be_visible()
    expect(note).to_be_hidden()
    agents_page.keyboard.press("KeyN")
    expect(note).to_be_visible()
    expect(reply).to_be_hidden()
    agents_page.keyboard.type("Секрет")
    expect(note.locator("textarea")).to_have_value("Секрет")
    agents_page.get_by_role("radio", name="Ответ заявителю").click()
    expect(reply.locator("textarea")).to_have_value("")
    agents_page.keyboard.type("Готово")
    agents_page.keyboard.press("Control+Enter")
    expect(agents_page.locator('[data-kind="public"]').last).to_contain_text("Готово")
    assert not Message.objects.filter(text="Секрет").exists()


def test_head_and_side_bar_stay_in_a_long_request(agents_page: Page, live: Cast) -> None:
    agents_page.set_viewport_size({"width": 1440, "height": 500})
    for number in range(8):
        comment(actor=Actor(live.anna, "mail"), at=START, ticket=live.ticket, words=Words(f"Ещё {number}"))
    agents_page.goto("/browse/ACCREDO-1")
    agents_page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert agents_page.evaluate("scrollY") > 600
    expect(agents_page.locator(".ws-search")).to_be_in_viewport()
    expect(agents_page.locator(".ws-queue").first).to_be_in_viewport()


def test_what_is_new_stops_a_send_which_goes_on_by_one_key(agents_page: Page, live: Cast) -> None:
    agents_page.goto("/browse/ACCREDO-1")
    agents_page.locator("#reply_comment").fill("Пишу ответ")
    comment(actor=Actor(live.anna, "mail"), at=START, ticket=live.ticket, words=Words("Уже не нужно"))
    agents_page.keyboard.press("Control+Enter")
    expect(agents_page.locator(".alert")).to_contain_text("Ничего не отправлено")
    expect(agents_page.locator("#reply_comment")).to_be_focused()
    expect(agents_page.locator(".message").last).to_be_in_viewport()
    agents_page.keyboard.press("Control+Enter")
    expect(agents_page.locator('[data-kind="public"]').last).to_contain_text("Пишу ответ")


def test_a_reply_kept_back_by_the_customers_words_goes_on_by_one_key(
    agents_page: Page, live: Cast, settings: Settings
) -> None:
    settings.HOLD_SECONDS = 60
    agents_page.goto("/browse/ACCREDO-1")
    agents_page.locator("#reply_comment").fill("Пишу ответ")
    agents_page.keyboard.press("Control+Enter")
    expect(agents_page.locator(".message-pending")).to_contain_text("Пишу ответ")
    comment(actor=Actor(live.anna, "mail"), at=timezone.now(), ticket=live.ticket, words=Words("Уже не нужно"))
    release_next(timezone.now() + timedelta(minutes=5))
    agents_page.goto("/browse/ACCREDO-1")
    expect(agents_page.locator(".message-pending")).to_contain_text("Заявитель успел написать раньше")
    agents_page.keyboard.press("KeyG")
    expect(agents_page.locator(".message-public.message-agent").last).to_contain_text("Пишу ответ")
    assert Message.objects.latest("id").text == "Пишу ответ"


def test_a_reply_being_sent_is_taken_back_by_one_key(agents_page: Page, live: Cast, settings: Settings) -> None:
    settings.HOLD_SECONDS = 60
    agents_page.goto("/browse/ACCREDO-1")
    agents_page.locator("#reply_comment").fill("Рано нажал")
    agents_page.keyboard.press("Control+Enter")
    expect(agents_page.locator(".message-pending")).to_contain_text("Рано нажал")
    agents_page.wait_for_load_state()
    agents_page.keyboard.press("KeyZ")
    expect(agents_page.locator("#reply_comment")).to_have_value("Рано нажал")


def test_news_come_without_moving_the_composer(agents_page: Page, live: Cast) -> None:
    agents_page.clock.install()
    agents_page.goto("/browse/ACCREDO-1")
    area = agents_page.locator("#reply_comment")
    area.fill("Пишу ответ")
    before = area.bounding_box()
    comment(actor=Actor(live.anna, "mail"), at=START, ticket=live.ticket, words=Words("Уже не нужно"))
    agents_page.clock.run_for(21_000)
    expect(agents_page.locator(".ticket-news")).to_contain_text("1 новое сообщение")
    after = area.bounding_box()
    # The window scrolls by whole pixels only.
    assert before is not None and after is not None
    assert all(abs(after[side] - before[side]) < 1 for side in ("x", "y", "width", "height"))
    agents_page.get_by_role("button", name="Отправить заявителю").click()
    expect(agents_page.locator("#reply_comment")).to_have_value("Пишу ответ")
    agents_page.get_by_role("button", name="Отправить всё равно").click()
    expect(agents_page.locator('[data-kind="public"]').last).to_contain_text("Пишу ответ")


def test_a_call_on_one_screen(agents_page: Page, live: Cast) -> None:
    agents_page.goto("/projects/ACCREDO/create")
    agents_page.get_by_label("Тема").fill("Не печатает")
    agents_page.get_by_label("Имя").press_sequentially("петров")
    found = agents_page.locator("#callers")
    expect(found).to_contain_text("anna@clinic.test")
    expect(found.get_by_role("link", name="ACCREDO-1")).to_be_visible()
    found.get_by_role("button", name="Выбрать").click()
    expect(agents_page.locator("#who")).to_contain_text("Другой человек")
    expect(agents_page.get_by_label("Тема")).to_have_value("Не печатает")
    agents_page.get_by_role("button", name="Зарегистрировать").click()
    expect(agents_page.locator(".number-big")).to_have_text("ACCREDO-2")
    assert Ticket.objects.get(key="ACCREDO-2").requester == live.anna


def test_enter_in_the_subject_registers_the_chosen_caller(agents_page: Page, live: Cast) -> None:
    agents_page.goto("/projects/ACCREDO/create")
    agents_page.get_by_label("Имя").press_sequentially("петров")
    agents_page.locator("#callers").get_by_role("button", name="Выбрать").click()
    expect(agents_page.locator("#who")).to_contain_text("Другой человек")
    agents_page.get_by_label("Тема").fill("Не печатает")
    agents_page.get_by_label("Тема").press("Enter")
    expect(agents_page.locator(".number-big")).to_have_text("ACCREDO-2")
    assert Ticket.objects.get(key="ACCREDO-2").requester == live.anna


def test_j_and_enter_open_a_row_and_news_refresh_the_list(agents_page: Page, live: Cast) -> None:
    agents_page.clock.install()
    queue = Queue.objects.get(desk=live.desk, position=1)
    agents_page.goto(f"/projects/ACCREDO/queues/custom/{queue.pk}")
    Ticket.objects.update(subject="Другая тема", updated_at="2040-01-01T00:00:00Z")
    agents_page.clock.run_for(21_000)
    expect(agents_page.locator("#queue")).to_contain_text("Другая тема")
    agents_page.keyboard.press("KeyJ")
    agents_page.keyboard.press("Enter")
    expect(agents_page.locator("h1")).to_have_text("Другая тема")


def test_at_390_pixels_nothing_sticks_out(agents_page: Page, live: Cast) -> None:
    agents_page.set_viewport_size({"width": 390, "height": 844})
    queue = Queue.objects.get(desk=live.desk, position=1)
    for address in ("/secure/Dashboard.jspa", f"/projects/ACCREDO/queues/custom/{queue.pk}", "/browse/ACCREDO-1"):
        agents_page.goto(address)
        assert agents_page.evaluate("document.documentElement.scrollWidth") <= 390, address


@pytest.mark.parametrize("scripts", [True, False])
def test_a_reply_is_taken_back_within_its_seconds(
    live: Cast, live_server: LiveServer, browser: Browser, settings: Settings, scripts: bool
) -> None:
    settings.HOLD_SECONDS = 30
    with watched_tab(browser, live_server.url, live.agent, java_script_enabled=scripts) as page:
        page.goto("/browse/ACCREDO-1")
        page.locator("#reply_comment").fill("Нажал раньше времени")
        page.get_by_role("button", name="Отправить заявителю").click()
        waiting = page.locator("[data-pending]")
        expect(waiting).to_contain_text("Нажал раньше времени")
        expect(waiting.get_by_role("status")).to_contain_text("Отправляется… ещё" if scripts else "Отправляется…")
        assert not Message.objects.filter(text="Нажал раньше времени").exists()
        page.get_by_role("button", name="Отменить").click()
        expect(page.locator("#reply_comment")).to_have_value("Нажал раньше времени")
        expect(page.locator("[data-pending]")).to_have_count(0)
        while release_next(timezone.now() + timedelta(minutes=1)):
            pass
        assert not Message.objects.filter(text="Нажал раньше времени").exists()


def test_the_page_shows_by_itself_that_a_reply_has_gone(agents_page: Page, live: Cast, settings: Settings) -> None:
    settings.HOLD_SECONDS = 1
    agents_page.goto("/browse/ACCREDO-1")
    agents_page.locator("#reply_comment").fill("Уже починили")
    agents_page.get_by_role("button", name="Отправить заявителю").click()
    expect(agents_page.locator("[data-pending]")).to_be_visible()
    while not release_next(timezone.now() + timedelta(minutes=1)):
        pass
    expect(agents_page.locator('article[id^="message-"]').filter(has_text="Уже починили")).to_be_visible()
    expect(agents_page.locator("[data-pending]")).to_have_count(0)


def test_a_click_anywhere_in_a_row_opens_the_request_and_a_question_mark_lists_the_keys(
    agents_page: Page, live: Cast
) -> None:
    queue = Queue.objects.get(desk=live.desk, name="Все открытые")
    agents_page.goto(f"/projects/ACCREDO/queues/custom/{queue.pk}")
    agents_page.keyboard.press("Shift+Slash")
    dialog = agents_page.locator("dialog[data-keys-list]")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("Ответить заявителю")
    agents_page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    agents_page.locator("[data-rows] tbody tr td.moment").first.click()
    agents_page.wait_for_url("**/browse/ACCREDO-1")


@pytest.mark.parametrize("width", [390, 800])
def test_queues_and_create_stay_in_reach_far_down_a_narrow_page(agents_page: Page, live: Cast, width: int) -> None:
    agents_page.set_viewport_size({"width": width, "height": 700})
    agents_page.goto("/browse/ACCREDO-1")
    agents_page.evaluate("() => scrollTo(0, document.documentElement.scrollHeight)")
    expect(agents_page.get_by_role("link", name="Создать")).to_be_in_viewport(ratio=1)
    agents_page.get_by_role("button", name="Службы и очереди").click()
    expect(agents_page.locator("#sidebar").get_by_role("link", name="Все открытые")).to_be_in_viewport(ratio=1)
