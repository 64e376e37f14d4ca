"""The page that forwards a message, and the button that quotes one."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from otklik.desks.models import Desk
from otklik.people.actor import Actor
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.edit_message import edit_message, withdraw_message
from otklik.tickets.commands.forward import forward_message
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words, written
from otklik.tickets.models import Draft, Forward, Message
from tests.browser import watched_tab
from tests.cast import NOTE_CANARY, START, Cast, as_
from tests.tickets.commands.parts import held_message
from tests.tickets.commands.test_forward_message import OUTSIDE, opening, with_file
from tests.workspace.helpers import page_of


def path(message: Message) -> str:
    return f"/browse/ACCREDO-1/messages/{message.pk}/forward"


def test_the_page_shows_what_goes_and_every_file_is_chosen_at_first(cast: Cast, home: Path) -> None:
    file, folded = with_file(opening(cast)), with_file(opening(cast), "logo.pdf")
    folded.folded = True
    folded.save()
    page = page_of(as_(cast.agent).get(path(opening(cast))))
    assert "Протокол комиссии не открывается." in page and "logo.pdf" not in page
    assert re.search(rf'name="file" value="{file.pk}" checked', page)


def test_it_goes_once_with_what_was_chosen(cast: Cast, home: Path) -> None:
    one, other = with_file(opening(cast)), with_file(opening(cast), "второй.pdf")
    client = as_(cast.agent)
    sent = {"address": OUTSIDE, "comment": "Почините?", "file": [str(other.pk)], "nonce": "n"}
    for _ in range(2):
        answer = client.post(path(opening(cast)), sent)
        note = Forward.objects.get().message
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/browse/ACCREDO-1#message-{note.pk}")
    assert [file.name for file in note.attachments.all()] == ["второй.pdf"] and one.name not in note.besides
    assert (note.text, note.markup, note.kind) == ("Почините?", "typed", "internal")
    assert "Протокол комиссии не открывается." in note.quoted


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "Обязательное поле"),
        ("нет адреса", "нет адреса"),
        ("anna@clinic.test", "уже участвует в запросе"),
        ("accredo@desk.test", "Это адрес службы"),
    ],
)
def test_what_is_refused_keeps_what_was_typed(cast: Cast, home: Path, address: str, said: str) -> None:
    file, client = with_file(opening(cast)), as_(cast.agent)
    answer = client.post(path(opening(cast)), {"address": address, "comment": "Важные слова"})
    page = page_of(answer)
    assert answer.status_code == 422 and said in page and "Важные слова" in page and not Forward.objects.exists()
    assert f'value="{file.pk}" checked' not in page, "a file that was not chosen stays so"
    assert Draft.objects.get(kind="forward").words["comment"] == ["Важные слова"]
    assert "Важные слова" in page_of(client.get(path(opening(cast))))


def test_a_sent_message_leaves_no_draft(cast: Cast) -> None:
    client = as_(cast.agent)
    client.post(path(opening(cast)), {"address": "", "comment": "Слова"})
    client.post(path(opening(cast)), {"address": OUTSIDE, "comment": "Слова"})
    assert not Draft.objects.filter(kind="forward").exclude(words={}).exists()


def test_what_was_forwarded_can_be_taken_back_and_is_on_its_page_again(
    cast: Cast, home: Path, settings: Settings
) -> None:
    settings.HOLD_SECONDS = 60
    one, other = with_file(opening(cast)), with_file(opening(cast), "второй.pdf")
    client = as_(cast.agent)
    client.post(path(opening(cast)), {"address": OUTSIDE, "comment": "Почините **это**?", "file": [str(other.pk)]})
    note = Forward.objects.get().message
    undo = f"/browse/ACCREDO-1/messages/{note.pk}/forward/undo"
    assert undo in page_of(client.get("/browse/ACCREDO-1"))
    answer = client.post(undo, follow=True)
    page = page_of(answer)
    assert answer.redirect_chain == [(path(opening(cast)), 302)]
    assert "Не отправлено. Ваши слова снова здесь." in page
    assert OUTSIDE in page and "Почините **это**?" in page
    assert f'value="{other.pk}" checked' in page and f'value="{one.pk}" checked' not in page
    ticket = page_of(client.get("/browse/ACCREDO-1"))
    assert undo not in ticket and "отменена до отправки" in ticket
    assert "уже ушло" in page_of(client.post(undo, follow=True))


def test_a_colleague_takes_it_back_and_its_words_wait_for_their_author(cast: Cast, settings: Settings) -> None:
    settings.HOLD_SECONDS = 60
    as_(cast.agent).post(path(opening(cast)), {"address": OUTSIDE, "comment": "Почините?"})
    note = Forward.objects.get().message
    answer = as_(cast.lead).post(f"/browse/ACCREDO-1/messages/{note.pk}/forward/undo")
    assert answer.headers["Location"] == f"/browse/ACCREDO-1#message-{note.pk}"
    assert "Почините?" in page_of(as_(cast.agent).get(path(opening(cast))))
    assert "Почините?" not in page_of(as_(cast.lead).get(path(opening(cast))))


def test_one_takes_it_back_whose_source_its_author_has_withdrawn_meanwhile(cast: Cast, settings: Settings) -> None:
    settings.HOLD_SECONDS = 60
    Desk.objects.update(edit_minutes=60)
    client, at = as_(cast.agent), timezone.now()
    source = comment(actor=Actor(cast.agent, "agent"), at=at, ticket=cast.ticket, words=Words("Ой"))
    client.post(path(source), {"address": OUTSIDE, "comment": "Почините?"})
    withdraw_message(actor=Actor(cast.agent, "agent"), at=at + timedelta(seconds=1), message=source)
    note = Forward.objects.get().message
    answer = client.post(f"/browse/ACCREDO-1/messages/{note.pk}/forward/undo", follow=True)
    assert answer.status_code == 200 and "Не отправлено." in page_of(answer)


def test_where_nothing_is_held_nothing_is_offered(cast: Cast, settings: Settings) -> None:
    settings.HOLD_SECONDS = 0
    client = as_(cast.agent)
    client.post(path(opening(cast)), {"address": OUTSIDE, "comment": "Почините?"})
    assert "forward/undo" not in page_of(client.get("/browse/ACCREDO-1"))


def test_a_page_that_shows_other_words_than_there_are_now_sends_nothing(cast: Cast) -> None:
    Desk.objects.update(edit_minutes=60)
    cast.ticket.refresh_from_db()
    said = comment(actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, words=Words("Было так"))
    client = as_(cast.lead)
    shown = re.search(r'name="shown" value="(\w+)"', page_of(client.get(path(said))))
    assert shown
    edit_message(actor=Actor(cast.agent, "agent"), at=timezone.now(), message=said, words=Words("Стало иначе"))
    sent = {"address": OUTSIDE, "comment": "Почините?", "shown": shown[1]}
    answer = client.post(path(said), sent)
    page = page_of(answer)
    assert answer.status_code == 409 and not Forward.objects.exists()
    assert "изменили" in page and "Стало иначе" in page and "Почините?" in page
    again = re.search(r'name="shown" value="(\w+)"', page)
    assert again and client.post(path(said), {**sent, "shown": again[1]}).status_code == 302
    assert Forward.objects.get().message.quoted == "Стало иначе"


def test_ab_48_what_is_for_nobody_outside_has_no_page(cast: Cast) -> None:
    note, held = cast.ticket.messages.get(kind="internal"), held_message(cast)
    gone = comment(actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, words=Words("Ой"))
    Desk.objects.update(edit_minutes=60)
    gone.refresh_from_db()
    withdraw_message(actor=Actor(cast.agent, "agent"), at=START + timedelta(minutes=1), message=gone)
    client = as_(cast.agent)
    ticket = page_of(client.get("/browse/ACCREDO-1"))
    for message in (note, held, gone):
        assert client.get(path(message)).status_code == 404 and path(message) not in ticket
        assert client.post(path(message), {"address": OUTSIDE}).status_code == 404
    assert path(opening(cast)) in ticket


def quoted(page: str, form: str) -> str:
    found = re.search(rf'<textarea[^>]*id="{form}_comment"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found
    return found[1].strip()


def test_without_scripts_an_address_quotes_a_message_behind_what_is_begun(cast: Cast) -> None:
    client = as_(cast.agent)
    message = comment(
        actor=Actor(cast.anna, "portal"), at=START, ticket=cast.ticket, words=written("Строка\n\n**Жирно** & 2*3*4")
    )
    client.post("/servicedesk/customer/user/drafts", {"draft.place": f"reply:{cast.ticket.pk}", "comment": "Начало"})
    for _ in range(2):
        page = page_of(client.get(f"/browse/ACCREDO-1?quote={message.pk}"))
        assert quoted(page, "reply") == "Начало\n\n&gt; Строка\n&gt;\n&gt; Жирно &amp; 2*3*4"
    assert quoted(page, "note") == ""


def test_ab_48_a_note_is_quoted_in_a_note_only(cast: Cast) -> None:
    note = cast.ticket.messages.get(kind="internal")
    for write in ("", "&write=reply"):
        page = page_of(as_(cast.agent).get(f"/browse/ACCREDO-1?quote={note.pk}{write}"))
        assert NOTE_CANARY not in quoted(page, "reply") and NOTE_CANARY in quoted(page, "note")


def test_nothing_held_or_of_another_request_is_quoted(cast: Cast) -> None:
    page = page_of(as_(cast.agent).get(f"/browse/ACCREDO-1?quote={held_message(cast).pk}"))
    assert quoted(page, "reply") == "" == quoted(page_of(as_(cast.agent).get("/browse/ACCREDO-1?quote=x")), "note")


@pytest.fixture
def agents_page(live: Cast, live_server: LiveServer, browser: Browser) -> Iterator[Page]:
    with watched_tab(browser, live_server.url, live.agent) as page:
        page.goto("/browse/ACCREDO-1")
        yield page


SELECT = """(words) => {
  const walk = document.createTreeWalker(document.querySelector(".message .prose"), NodeFilter.SHOW_TEXT);
  let node = walk.nextNode();
  while (!node.data.includes(words)) node = walk.nextNode();
  const range = document.createRange(), at = node.data.indexOf(words);
  range.setStart(node, at);
  range.setEnd(node, at + words.length);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""


@pytest.mark.browser
def test_the_button_quotes_all_and_r_what_is_selected(agents_page: Page, live: Cast) -> None:
    reply, note = agents_page.locator("#reply_comment"), agents_page.locator("#note_comment")
    first = agents_page.locator(".message").first
    first.get_by_role("button", name="Цитировать").click()
    expect(reply).to_have_value(re.compile(r"^> Здравствуйте! Протокол комиссии не открывается\.\n\n$"))
    expect(reply).to_be_focused()
    agents_page.evaluate(SELECT, "Протокол комиссии")
    agents_page.locator("h1").focus()
    agents_page.evaluate("document.activeElement.blur()")
    agents_page.keyboard.press("KeyR")
    expect(reply).to_have_value(re.compile(r"открывается\.\n\n\n> Протокол комиссии\n\n$"))
    agents_page.evaluate(SELECT, "Здравствуйте")
    first.get_by_role("button", name="Цитировать").click()
    expect(reply).to_have_value(re.compile(r"\n> Здравствуйте\n\n$"))
    expect(note).to_have_value("")


@pytest.mark.browser
def test_ab_48_the_button_at_a_note_writes_into_the_note(agents_page: Page, live: Cast) -> None:
    agents_page.locator(".message-internal").get_by_role("button", name="Цитировать").click()
    expect(agents_page.locator("#note_comment")).to_have_value(re.compile(NOTE_CANARY))
    expect(agents_page.locator("#note_comment")).to_be_visible()
    expect(agents_page.locator("#reply_comment")).to_have_value("")


@pytest.mark.browser
def test_without_scripts_the_button_takes_the_begun_words_along(
    live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    with watched_tab(browser, live_server.url, live.agent, java_script_enabled=False) as page:
        page.goto("/browse/ACCREDO-1")
        page.locator("#reply_comment").fill("Начало")
        page.get_by_role("button", name="Цитировать").first.click()
        expect(page.locator("#reply_comment")).to_have_value(re.compile(r"^Начало\n\n> Здравствуйте!"))


def test_what_was_forwarded_on_another_request_is_not_there(cast: Cast) -> None:
    """Nor is its existence revealed."""
    message = opening(cast)
    at = timezone.now()
    made = forward_message(
        actor=Actor(cast.agent, "agent"), at=at, message=message, address=OUTSIDE, words=Words("x"), said="y"
    )
    elsewhere = open_ticket(
        actor=Actor(cast.agent_elsewhere, "agent"), at=at, desk=cast.other_desk, channel="portal", subject="s",
        words=Words("w"), requester=None,
    )  # fmt: skip
    other = as_(cast.agent_elsewhere)
    assert other.post(f"/browse/{elsewhere.key}/messages/{made.message_id}/forward/undo").status_code == 404
    made.message.refresh_from_db()
    assert made.message.withdrawn_at is None
