"""Texts typed on customers' pages survive any other action, in Chromium."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from otklik.tickets.models import Draft, Message, Rating
from tests.browser import watched_tab
from tests.cast import PASSWORD, Cast
from tests.portal.helpers import card, form

pytestmark = pytest.mark.browser
WORDS = "Недописанный ответ"


@pytest.fixture
def page(live: Cast, live_server: LiveServer, browser: Browser) -> Iterator[Page]:
    """Yield the requester's tab."""
    with watched_tab(browser, live_server.url, live.anna) as made:
        made.on("dialog", lambda asked: asked.accept())
        yield made


def write(page: Page, live: Cast, words: str = WORDS) -> None:
    """Type into the comment box without waiting for it to be saved."""
    page.goto(card(live))
    page.locator("#comment-on-request").fill(words)


def log_in(page: Page) -> None:
    page.locator("[name=login]").fill("anna@clinic.test")
    page.locator("[name=password]").fill(PASSWORD)
    # The login has to be over before the test goes on: it writes rows of the person.
    with page.expect_navigation(url=lambda url: "/user/login" not in url):
        page.locator("#js-login-submit").click()


def press(name: str) -> Callable[[Page], None]:
    return lambda page: page.locator("aside").get_by_role("button", name=name, exact=True).first.click()


def close_and_reopen(page: Page) -> None:
    press("Закрыть")(page)
    expect(page.locator("#request-state")).to_contain_text("Закрыт")
    expect(page.locator("#comment-on-request")).to_have_value(WORDS)
    page.locator("#comment-on-request").fill(WORDS + "!")
    page.locator("aside .button-stack button").first.click()
    expect(page.locator("#request-state")).not_to_contain_text("Закрыт")
    page.locator("#comment-on-request").fill(WORDS)
    expect(page.locator("[data-draft-state]").first).to_contain_text("Черновик сохранён")


def share(page: Page) -> None:
    page.locator("#share-email").fill("new@clinic.test")
    page.get_by_role("button", name="Поделиться").click()
    expect(page.locator("#flashes")).to_contain_text("new@clinic.test")


def share_refused(page: Page) -> None:
    page.locator("#share-email").fill("вовсе не адрес")
    page.get_by_role("button", name="Поделиться").click()
    expect(page.locator("#share-error")).to_be_visible()


def mute(page: Page) -> None:
    page.get_by_role("button", name="Отключить уведомления").click()
    expect(page.get_by_role("button", name="Включить уведомления")).to_be_visible()


def remove_colleague(page: Page) -> None:
    page.locator("#share .people button").first.click()
    page.get_by_role("alertdialog").get_by_role("button").first.click()
    expect(page.locator("#share .people li")).to_have_count(1)


def look_elsewhere(page: Page) -> None:
    page.get_by_role("link", name="Запросы").first.click()
    page.wait_for_url("**/user/requests")
    page.go_back()


def reload(page: Page) -> None:
    page.reload()


@pytest.mark.parametrize(
    "act", [close_and_reopen, share, share_refused, mute, remove_colleague, look_elsewhere, reload]
)
def test_a_comment_survives_every_other_act_of_the_card(page: Page, live: Cast, act: Callable[[Page], None]) -> None:
    write(page, live)
    act(page)
    expect(page.locator("#comment-on-request")).to_have_value(WORDS)
    page.goto(card(live))
    expect(page.locator("#comment-on-request")).to_have_value(WORDS)
    assert not Message.objects.filter(text__contains=WORDS).exists()
    page.get_by_role("button", name="Добавить", exact=True).click()
    expect(page.locator(".activity")).to_contain_text(WORDS)
    expect(page.locator("#comment-on-request")).to_have_value("")
    page.goto(card(live))
    expect(page.locator("#comment-on-request")).to_have_value("")


def test_rl_36_a_comment_survives_a_session_that_ended(page: Page, live: Cast) -> None:
    write(page, live)
    Session.objects.all().delete()
    page.get_by_role("button", name="Добавить", exact=True).click()
    log_in(page)
    page.wait_for_url(f"**{card(live)}")
    expect(page.locator("#comment-on-request")).to_have_value(WORDS)
    # Which of the two depends on whether the browser's copy was still the newer one.
    told = re.compile("Восстановлен черновик|Черновик сохранён")
    expect(page.locator("[data-draft-state]").first).to_contain_text(told)


def test_another_act_after_the_session_ended_costs_no_words(page: Page, live: Cast) -> None:
    write(page, live)
    Session.objects.all().delete()
    page.get_by_role("button", name="Отключить уведомления").click()
    log_in(page)
    page.goto(card(live))
    expect(page.locator("#comment-on-request")).to_have_value(WORDS)


def test_saving_without_a_login_says_so_and_leads_back(page: Page, live: Cast) -> None:
    page.goto(card(live))
    Session.objects.all().delete()
    page.locator("#comment-on-request").fill(WORDS)
    expect(page.locator("[data-draft-state]").first).to_contain_text("Вы вышли из системы")
    page.locator("[data-draft-state]").first.get_by_role("link", name="Войти").click()
    log_in(page)
    page.wait_for_url(f"**{card(live)}")
    expect(page.locator("#comment-on-request")).to_have_value(WORDS)
    expect(page.locator("[data-draft-state]").first).to_contain_text("Черновик сохранён")
    assert Draft.objects.get(person=live.anna).words == {"comment": [WORDS]}


def test_a_tab_that_is_closed_at_once_loses_nothing(page: Page, live: Cast) -> None:
    write(page, live)
    page.close(run_before_unload=False)
    other = page.context.new_page()
    other.goto(card(live))
    expect(other.locator("#comment-on-request")).to_have_value(WORDS)


def test_words_typed_without_a_connection_are_kept_later(page: Page, live: Cast) -> None:
    page.goto(card(live))
    page.context.set_offline(True)
    page.locator("#comment-on-request").fill(WORDS)
    expect(page.locator("[data-draft-state]").first).to_contain_text("нет связи")
    page.context.set_offline(False)
    expect(page.locator("[data-draft-state]").first).to_contain_text("Черновик сохранён")
    assert Draft.objects.get(person=live.anna).words == {"comment": [WORDS]}


def test_what_is_sent_without_a_connection_stays_on_its_page_until_there_is_one(page: Page, live: Cast) -> None:
    page.goto(card(live))
    page.context.set_offline(True)
    page.locator("#comment-on-request").fill(WORDS)
    page.get_by_role("button", name="Добавить", exact=True).click()
    expect(page.locator("[data-draft-state]").first).to_contain_text("Не отправлено: нет связи")
    expect(page.locator("#comment-on-request")).to_have_value(WORDS)
    page.context.set_offline(False)
    page.get_by_role("button", name="Добавить", exact=True).click()
    expect(page.locator("#activity")).to_contain_text(WORDS)


def test_a_machine_without_a_network_still_sends_to_a_server_of_its_own(page: Page, live: Cast) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'onLine', { get: () => false })")
    page.goto(card(live))
    page.locator("#comment-on-request").fill(WORDS)
    page.get_by_role("button", name="Добавить", exact=True).click()
    expect(page.locator("#activity")).to_contain_text(WORDS)


def test_a_crashed_browser_has_them_still(page: Page, live: Cast) -> None:
    page.goto(card(live))
    page.route("**/user/drafts", lambda route: route.abort())
    page.locator("#comment-on-request").fill(WORDS)
    expect(page.locator("[data-draft-state]").first).to_contain_text("нет связи")
    state = page.context.storage_state()
    # What a closing page sends at the last moment passes by the route.
    page.context.set_offline(True)
    page.context.close()
    assert not Draft.objects.filter(person=live.anna).exists()
    later = page.context.browser
    assert later is not None
    context = later.new_context(storage_state=state, base_url=page.url.rsplit("/servicedesk", 1)[0])
    again = context.new_page()
    again.goto(card(live))
    expect(again.locator("#comment-on-request")).to_have_value(WORDS)
    context.close()


def test_somebody_else_on_the_same_machine_sees_nothing_of_them(page: Page, live: Cast) -> None:
    page.goto(card(live))
    Session.objects.all().delete()
    page.locator("#comment-on-request").fill(WORDS)
    page.get_by_role("button", name="Добавить", exact=True).click()
    page.locator("[name=login]").fill("boris@clinic.test")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("#js-login-submit").click()
    page.wait_for_url(f"**{card(live)}")
    expect(page.locator("#comment-on-request")).to_have_value("")
    assert not Draft.objects.exists()


def test_of_two_tabs_the_newer_wins_and_it_is_told(page: Page, live: Cast) -> None:
    write(page, live, "Первое")
    expect(page.locator("[data-draft-state]").first).to_contain_text("Черновик сохранён")
    other = page.context.new_page()
    other.goto(card(live))
    expect(other.locator("#comment-on-request")).to_have_value("Первое")
    other.locator("#comment-on-request").fill("Второе")
    expect(other.locator("[data-draft-state]").first).to_contain_text("Черновик сохранён")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("[data-draft-state]").first).to_contain_text("дописан в другом окне")
    page.locator("#comment-on-request").fill("Третье")
    state = page.locator("[data-draft-state]").first
    expect(state).to_contain_text("другой ваш текст")
    assert Draft.objects.get().words == {"comment": ["Третье"]}
    state.get_by_role("button", name="Вернуть").click()
    expect(page.locator("#comment-on-request")).to_have_value("Второе")
    page.get_by_role("button", name="Вернуть").click()
    expect(page.locator("#comment-on-request")).to_have_value("Третье")


def test_what_was_sent_elsewhere_does_not_take_newer_words_along(page: Page, live: Cast) -> None:
    write(page, live, "Первое")
    expect(page.locator("[data-draft-state]").first).to_contain_text("Черновик сохранён")
    other = page.context.new_page()
    other.goto(card(live))
    other.locator("#comment-on-request").fill("Второе")
    expect(other.locator("[data-draft-state]").first).to_contain_text("Черновик сохранён")
    page.get_by_role("button", name="Добавить", exact=True).click()
    expect(page.locator(".activity")).to_contain_text("Первое")
    expect(page.locator("#comment-on-request")).to_have_value("Второе")


def test_a_draft_is_thrown_away_and_brought_back(page: Page, live: Cast) -> None:
    write(page, live)
    state = page.locator("[data-draft-state]").first
    expect(state).to_contain_text("Черновик сохранён")
    state.get_by_role("button", name="Начать заново").click()
    expect(page.locator("#comment-on-request")).to_have_value("")
    page.goto(card(live))
    expect(page.locator("#comment-on-request")).to_have_value("")
    page.get_by_role("button", name="Вернуть").click()
    expect(page.locator("#comment-on-request")).to_have_value(WORDS)


def test_control_and_enter_send_the_comment(page: Page, live: Cast) -> None:
    write(page, live)
    page.locator("#comment-on-request").press("Control+Enter")
    expect(page.locator(".activity")).to_contain_text(WORDS)


def test_words_of_a_rating_survive(page: Page, live: Cast) -> None:
    page.goto(card(live))
    press("Закрыть")(page)
    page.locator("#rating-words").fill("Помогли быстро")
    page.get_by_role("button", name="Отключить уведомления").click()
    expect(page.locator("#rating-words")).to_have_value("Помогли быстро")
    page.locator(".rating-choice").last.click()
    page.get_by_role("button", name="Отправить оценку").click()
    expect(page.locator("#rating-words")).to_have_value("Помогли быстро")
    assert Rating.objects.get().words == "Помогли быстро"


def test_a_correction_survives(page: Page, live: Cast) -> None:
    write(page, live, "Было")
    page.get_by_role("button", name="Добавить", exact=True).click()
    page.get_by_role("link", name="Изменить").first.click()
    page.locator("#edit-comment").fill("Стало")
    page.goto(card(live))
    page.get_by_role("link", name="Изменить").first.click()
    expect(page.locator("#edit-comment")).to_have_value("Стало")
    page.get_by_role("button", name="Сохранить").click()
    expect(page.locator(".activity")).to_contain_text("Стало")


def test_files_belong_to_the_draft(page: Page, live: Cast) -> None:
    write(page, live)
    page.set_input_files("#id_attachments", {"name": "скан.txt", "mimeType": "text/plain", "buffer": b"abc"})
    expect(page.locator(".kept-file")).to_contain_text("скан.txt")
    page.get_by_role("button", name="Отключить уведомления").click()
    # The next page has a file of the same name: only this tells that it is there.
    expect(page.get_by_role("button", name="Включить уведомления")).to_be_visible()
    expect(page.locator(".kept-file")).to_contain_text("скан.txt")
    page.get_by_role("button", name="Добавить", exact=True).click()
    expect(page.locator(".activity")).to_contain_text("скан.txt")
    expect(page.locator(".kept-file")).to_have_count(0)


def test_a_request_form_survives_a_login_elsewhere(page: Page, live: Cast) -> None:
    """The login invalidated the CSRF token of every older page."""
    page.goto(form(live))
    page.get_by_label("Тема").fill("Тема")
    other = page.context.new_page()
    Session.objects.all().delete()
    page.context.clear_cookies()
    other.goto("/servicedesk/customer/user/login")
    log_in(other)
    other.wait_for_url("**/servicedesk/**")
    page.get_by_label("Описание").fill("Описание")
    page.get_by_role("button", name="Отправить запрос").click()
    if page.get_by_text("Открыть страницу снова").count():
        page.get_by_text("Открыть страницу снова").click()
        expect(page.get_by_label("Описание")).to_have_value("Описание")
        page.get_by_role("button", name="Отправить запрос").click()
    page.wait_for_url("**/ACCREDO-2")


def test_without_scripts_a_button_keeps_the_words(live: Cast, live_server: LiveServer, browser: Browser) -> None:
    with watched_tab(browser, live_server.url, live.anna, java_script_enabled=False) as page:
        write(page, live)
        page.get_by_role("button", name="Сохранить черновик").click()
        expect(page.locator("#comment-on-request")).to_have_value(WORDS)
        Session.objects.all().delete()
        page.locator("#comment-on-request").fill(WORDS + "!")
        page.get_by_role("button", name="Добавить", exact=True).click()
        log_in(page)
        page.wait_for_url(f"**{card(live)}")
        expect(page.locator("#comment-on-request")).to_have_value(WORDS + "!")
        page.locator(".button-stack").get_by_role("button", name="Закрыть").click()
        expect(page.locator("#request-state")).to_contain_text("Закрыт")
        expect(page.locator("#comment-on-request")).to_have_value(WORDS + "!")
        assert not Message.objects.filter(text__contains=WORDS).exists()


@pytest.fixture
def left(page: Page, live: Cast, live_server: LiveServer, browser: Browser) -> Iterator[Page]:
    """Yield a tab of a browser with a text that never reached the server, because the session had ended."""
    page.goto(card(live))
    Session.objects.all().delete()
    page.locator("#comment-on-request").fill(WORDS)
    expect(page.locator("[data-draft-state]").first).to_contain_text("Вы вышли из системы")
    with watched_tab(browser, live_server.url, live.anna, storage_state=page.context.storage_state()) as tab:
        yield tab


@pytest.mark.parametrize("late", ["**/drafts*.js", "**/htmx*.js", "**/every*.js"])
def test_who_sends_before_the_scripts_are_there_sends_the_browsers_own_words(left: Page, live: Cast, late: str) -> None:
    waiting = list[Route]()
    left.route(late, lambda route: waiting.append(route))
    left.goto(card(live), wait_until="commit")
    left.get_by_role("button", name="Добавить", exact=True).click(no_wait_after=True)
    left.wait_for_timeout(300)
    assert waiting and not Message.objects.filter(text__contains=WORDS).exists()
    for route in waiting:
        route.continue_()
    expect(left.locator(".activity")).to_contain_text(WORDS)
    expect(left.locator("#comment-on-request")).to_have_value("")


def test_what_is_typed_before_the_scripts_are_there_stands_and_the_older_words_lie_beside(
    left: Page, live: Cast
) -> None:
    waiting = list[Route]()
    left.route("**/drafts*.js", lambda route: waiting.append(route))
    left.goto(card(live), wait_until="commit")
    left.locator("#comment-on-request").fill("Совсем другое")
    for route in waiting:
        route.continue_()
    expect(left.locator("[data-draft-state]").first).to_contain_text("Черновик сохранён")
    expect(left.locator("#comment-on-request")).to_have_value("Совсем другое")
    left.unroute("**/drafts*.js")
    left.reload()
    expect(left.locator("#comment-on-request")).to_have_value("Совсем другое")
    draft = Draft.objects.get(person=live.anna)
    assert WORDS in str(draft.former)


def test_a_composer_whose_scripts_never_come_is_sent_all_the_same(page: Page, live: Cast) -> None:
    page.route("**/drafts*.js", lambda route: route.abort())
    page.goto(card(live), wait_until="commit")
    page.locator("#comment-on-request").fill(WORDS)
    page.get_by_role("button", name="Добавить", exact=True).click()
    expect(page.locator(".activity")).to_contain_text(WORDS)


def test_another_button_pressed_before_the_scripts_are_there_does_its_act_and_keeps_the_words(
    page: Page, live: Cast
) -> None:
    waiting = list[Route]()
    page.route("**/drafts*.js", lambda route: waiting.append(route))
    page.goto(card(live), wait_until="commit")
    page.locator("#comment-on-request").fill(WORDS)
    page.locator("aside").get_by_role("button", name="Закрыть", exact=True).first.click(no_wait_after=True)
    page.wait_for_timeout(300)
    assert waiting
    for route in waiting:
        route.continue_()
    expect(page.locator("#request-state")).to_contain_text("Закрыт")
    expect(page.locator("#comment-on-request")).to_have_value(WORDS)
