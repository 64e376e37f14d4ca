"""A reply that repeats an internal note or names another customer's address is sent only when that is meant."""

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from otklik.mail.models import AddressTrouble
from otklik.people.actor import Actor
from otklik.tickets.commands.comment import comment
from otklik.tickets.content import Words
from otklik.tickets.models import Message
from otklik.workspace.reply_warnings import warnings_about
from tests.browser import watched_tab
from tests.cast import Cast
from tests.workspace.helpers import as_, composer, hidden, page_of

NOTE = "Клиника третий раз просит одно и то же, предложите им платный договор."


@pytest.fixture(autouse=True)
def nothing_held(settings: Settings, home: object) -> None:
    settings.HOLD_SECONDS = 0


def says(cast: Cast, text: str, *, note: bool = False, customer: bool = False) -> Message:
    who = Actor(cast.anna, "portal") if customer else Actor(cast.agent, "agent")
    kind = Message.Kind.INTERNAL if note else Message.Kind.PUBLIC
    return comment(actor=who, at=timezone.now(), ticket=cast.ticket, words=Words(text), kind=kind)


def warned(cast: Cast, text: str, *added: str) -> list[str]:
    return list(warnings_about(cast.ticket, text, added).sentences)


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (f"> {NOTE}\n\nДобрый день!", True),
        ("Добрый день!\n> Клиника ТРЕТИЙ раз\n> просит одно и то же", True),
        ("Вы просите третий раз одно и то же.", False),
        ("Добрый день! Договор готов.", False),
    ],
)
def test_six_words_of_a_note_in_a_row_are_a_quotation(cast: Cast, reply: str, told: bool) -> None:
    says(cast, NOTE, note=True)
    assert [sentence.startswith("Ответ повторяет внутреннюю заметку") for sentence in warned(cast, reply)] == [
        True
    ] * told


@pytest.mark.parametrize(("note", "told"), [("Пароль сервера Kolibri-7", True), ("Нет денег", False), ("Да", False)])
def test_a_short_note_is_quoted_as_a_whole(cast: Cast, note: str, told: bool) -> None:
    says(cast, note, note=True)
    assert bool(warned(cast, f"Добрый день! {note}.")) is told
    assert not warned(cast, "Добрый день! Пароль сервера другой.")


def test_what_was_said_publicly_is_no_secret(cast: Cast) -> None:
    says(cast, f"Из письма: {NOTE}", note=True)
    says(cast, NOTE, customer=True)
    assert warned(cast, NOTE) == []


def test_a_withdrawn_note_and_one_of_another_request_are_not_compared(cast: Cast) -> None:
    note = says(cast, NOTE, note=True)
    Message.objects.filter(pk=note.pk).update(text="", withdrawn_at=timezone.now())
    assert warned(cast, NOTE) == []


def test_an_address_of_another_customer_is_named(cast: Cast) -> None:
    stranger = str(cast.stranger.email)
    named = [f"В ответе назван адрес другого заявителя: {stranger}."]
    assert warned(cast, f"Пишите на <{stranger.upper()}>, пожалуйста.") == named
    assert warned(cast, f"Пишите на mailto:{stranger}.") == named
    assert warned(cast, f"Пишите: {stranger}", stranger) == [], "who gets it in copy is no other"
    says(cast, f"Мой коллега — {stranger}", customer=True)
    assert warned(cast, f"Пишите: {stranger}") == [], "the customer has named it"


def test_an_address_in_copy_that_takes_no_mail_is_told(cast: Cast) -> None:
    trouble = AddressTrouble.objects.create(address="olga@clinic.test", hard=1, last_at=timezone.now())
    assert warned(cast, "Готово", "olga@clinic.test") == [], "one mail that came back does not stop it"
    trouble.stopped_at = timezone.now()
    trouble.save()
    assert warned(cast, "Готово", "olga@clinic.test", "ivan@clinic.test") == ["Письмо не дойдёт: olga@clinic.test."]
    assert warned(cast, "Готово", "ivan@clinic.test") == []


def test_addresses_of_those_here_of_staff_and_of_nobody_are_fine(cast: Cast) -> None:
    for address in (
        cast.anna.email,
        cast.boris.email,
        cast.agent_elsewhere.email,
        cast.admin.email,
        "no@clinic.test",
        "a@",
        "@",
    ):
        assert warned(cast, f"Пишите: {address}") == [], address


def test_it_is_sent_when_sent_again_and_asked_anew_about_something_else(cast: Cast) -> None:
    says(cast, NOTE, note=True)
    client = as_(cast.agent)
    first = client.post("/browse/ACCREDO-1/reply", composer(client, cast.ticket, NOTE))
    page = page_of(first)
    assert first.status_code == 422 and "Ответ повторяет внутреннюю заметку" in page and "Отправить всё равно" in page
    assert not Message.objects.filter(text=NOTE, kind="public").exists()
    sure, more = hidden(page, "sure"), f"{NOTE} {cast.stranger.email}"
    other = client.post("/browse/ACCREDO-1/reply", composer(client, cast.ticket, more, sure=sure))
    assert other.status_code == 422 and "адрес другого заявителя" in page_of(other)
    assert client.post("/browse/ACCREDO-1/reply", composer(client, cast.ticket, NOTE, sure=sure)).status_code == 302
    assert Message.objects.filter(text=NOTE, kind="public").exists()


def test_a_note_may_repeat_a_note(cast: Cast) -> None:
    says(cast, NOTE, note=True)
    client = as_(cast.agent)
    assert client.post("/browse/ACCREDO-1/note", composer(client, cast.ticket, NOTE)).status_code == 302


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False])
def test_an_agent_is_warned_and_goes_on(live: Cast, live_server: LiveServer, browser: Browser, scripts: bool) -> None:
    says(live, NOTE, note=True)
    with watched_tab(browser, live_server.url, live.agent, java_script_enabled=scripts) as page:
        page.goto("/browse/ACCREDO-1")
        page.locator("#reply_comment").fill(NOTE)
        page.get_by_role("button", name="Отправить заявителю").click()
        expect(page.locator("#replyerror")).to_contain_text("Ответ повторяет внутреннюю заметку")
        if scripts:
            expect(page.locator("#reply_comment")).to_be_focused()
            page.keyboard.press("Control+Enter")
        else:
            page.get_by_role("button", name="Отправить всё равно").click()
        expect(page.locator(".message-public.message-agent").last).to_contain_text(NOTE)
