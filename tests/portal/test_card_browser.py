"""The card in Chromium: pasted pictures, polling, search for people while typing, hostile texts."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from otklik.core.text_cleaning import file_name
from otklik.mail.models import InboundMail
from otklik.people.actor import Actor
from otklik.people.models import Organization, Person
from otklik.tickets.commands.comment import comment
from otklik.tickets.content import Words, written
from otklik.tickets.models import Attachment, Message
from tests.cast import Cast, build_cast, person
from tests.portal.helpers import as_, card, inbound_mail

pytestmark = pytest.mark.browser
Tabs = Callable[[Person], Page]

PASTE = """async () => {
  const canvas = document.createElement('canvas');
  canvas.width = 60; canvas.height = 40;
  canvas.getContext('2d').fillRect(0, 0, 60, 40);
  const blob = await new Promise((done) => canvas.toBlob(done));
  const data = new DataTransfer();
  data.items.add(new File([blob], 'image.png', {type: 'image/png'}));
  document.getElementById('comment-on-request').dispatchEvent(
    new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
}"""


@pytest.fixture
def live(transactional_db: None, live_server: LiveServer) -> Cast:
    """Return the cast, committed to the database that the live server reads."""
    return build_cast()


@pytest.fixture
def tab(live: Cast, live_server: LiveServer, browser: Browser) -> Iterator[Tabs]:
    """Yield a function that opens a tab of a person; script errors, policy violations and foreign requests fail the
    test."""
    contexts, wrong = [], list[str]()

    def opened(who: Person) -> Page:
        context = browser.new_context(base_url=live_server.url, locale="ru-RU")
        contexts.append(context)
        session = as_(who).cookies["otklik_session"].value
        context.add_cookies([{"name": "otklik_session", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
        page.on(
            "request", lambda sent: None if sent.url.startswith((live_server.url, "data:")) else wrong.append(sent.url)
        )
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def test_a_pasted_picture_is_sent_with_the_words_and_stands_in_the_text(tab: Tabs, live: Cast, home: object) -> None:
    page = tab(live.anna)
    page.goto(card(live))
    area = page.locator("#comment-on-request")
    area.fill("Вот окно:")
    page.evaluate(PASTE)
    expect(area).to_have_value("Вот окно:\n[рисунок: image.png]\n")
    expect(page.locator("[data-kept] .thumbnail")).to_be_visible()
    area.press("Control+End")
    page.keyboard.type("важно")
    page.keyboard.press("Shift+Home")
    page.keyboard.press("Control+KeyB")
    page.locator("[data-md-preview]").click()
    expect(page.locator(".md-preview strong")).to_have_text("важно")
    page.locator(".composer .btn-primary").click()
    shown = page.locator(".activity article").first
    expect(shown.locator("img.inline-picture")).to_be_visible()
    expect(shown.locator("img.inline-picture")).to_have_js_property("naturalWidth", 60)
    expect(shown.locator("strong")).to_have_text("важно")
    expect(page.locator("#comment-on-request")).to_have_value("")


@pytest.mark.parametrize("name", ["Снимок экрана (12).png", "50% <x>.png", "о\u0308.png", "\u200eфото\u2060 [2].png"])
def test_a_picture_keeps_its_name_and_stands_in_the_text(tab: Tabs, live: Cast, home: object, name: str) -> None:
    page = tab(live.anna)
    page.goto(card(live))
    page.evaluate(PASTE.replace("image.png", name))
    kept = file_name(name)
    expect(page.locator("[data-kept] .attachment-name")).to_have_text(kept)
    page.locator(".composer .btn-primary").click()
    expect(page.locator(".activity article").first.locator("img.inline-picture")).to_have_js_property(
        "naturalWidth", 60
    )
    assert Attachment.objects.get().name == kept


def test_an_answer_appears_by_itself_and_disturbs_nothing(tab: Tabs, live: Cast) -> None:
    quoting = comment(
        actor=Actor(live.boris, "mail"),
        at=timezone.now(),
        ticket=live.ticket,
        words=Words("у меня тоже", quoted="> прежнее"),
        inbound=inbound_mail(),
    )
    page = tab(live.anna)
    page.clock.install()
    page.goto(card(live))
    page.locator(f"#message-{quoting.pk} summary").first.click()
    area = page.locator("#comment-on-request")
    area.fill("Пишу ответ")
    comment(actor=Actor(live.agent, "agent"), at=timezone.now(), ticket=live.ticket, words=written("**Готово**"))
    page.clock.run_for(21_000)
    expect(page.locator(".activity article").first.locator("strong")).to_have_text("Готово")
    expect(page.locator("#activity-news")).not_to_be_empty()
    assert page.evaluate("document.activeElement.id") == "comment-on-request"
    expect(area).to_have_value("Пишу ответ")
    assert page.locator(f"#message-{quoting.pk} details").first.evaluate("fold => fold.open")


def test_a_colleague_is_found_while_typing_and_added_by_a_click(tab: Tabs, live: Cast) -> None:
    vera = person("Вера Коллега", "vera@clinic.test")
    Organization.objects.create(name="Больница").members.add(live.anna, vera)
    page = tab(live.anna)
    page.goto(card(live))
    page.locator("#share-email").press_sequentially("колл")
    page.get_by_role("button", name="Вера Коллега").click()
    expect(page.locator("#share .people")).to_contain_text("Вера Коллега")


def test_ab_65_ab_71_ab_72_hostile_words_neither_act_nor_call(tab: Tabs, live: Cast) -> None:
    hostile = (
        "<script>window.pwned=1</script> *x* ![p](https://evil.test/p.png) ![q](//evil.test/q.png)\n\n"
        "[a](javascript:window.pwned=1) <img src=x onerror='window.pwned=1'> <https://evil.test/z>\n\n"
        "[b](data:text/html,<script>window.pwned=1</script>) `</code><svg onload=window.pwned=1>`"
    )
    html = "<p onclick='window.pwned=1'>x</p><img src='https://evil.test/p.png'><script>window.pwned=1</script>"
    comment(actor=Actor(live.boris, "portal"), at=timezone.now(), ticket=live.ticket, words=written(hostile))
    mailed = comment(
        actor=Actor(live.boris, "mail"),
        at=timezone.now(),
        ticket=live.ticket,
        words=Words(hostile, html=html, quoted=hostile),
        inbound=inbound_mail(b"Subject: y\r\n\r\ny"),
    )
    assert InboundMail.objects.exists() and Message.objects.get(pk=mailed.pk).html
    page = tab(live.anna)
    page.goto(card(live))
    for fold in page.locator("details.quoted summary").all():
        fold.click()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.pwned") is None
    for frame in page.frames:
        assert frame.evaluate("typeof window.pwned") == "undefined"
    staff = tab(live.agent)
    staff.goto(f"/browse/{live.ticket.key}")
    staff.wait_for_load_state("networkidle")
    assert staff.evaluate("window.pwned") is None


def test_words_sent_while_a_file_is_on_its_way_wait_for_it(tab: Tabs, live: Cast, home: object) -> None:
    page = tab(live.anna)
    page.goto(card(live))
    held: list[Route] = []
    page.route("**/user/files", lambda route: held.append(route))
    page.locator("#comment-on-request").fill("Файл приложен")
    page.locator("#comment input[type=file]").set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": b"abc"}
    )
    # Once, among the files that are attached; not as if they were still to be taken.
    expect(page.locator("#comment [data-chosen-files]")).to_have_text("")
    expect(page.locator("#comment [data-progress]")).to_be_visible()
    page.locator(".composer .btn-primary").click()
    page.wait_for_timeout(200)
    while not held:
        page.wait_for_timeout(50)
    assert not Message.objects.filter(text="Файл приложен").exists()
    held[0].continue_()
    expect(page.locator(".activity article").first).to_contain_text("a.txt")
    expect(page.locator(".activity article").first).to_contain_text("Файл приложен")
    assert Message.objects.latest("id").attachments.count() == 1


def long_talk(live: Cast) -> list[int]:
    for number in range(30):
        at = timezone.now() + timedelta(seconds=number)
        comment(actor=Actor(live.agent, "agent"), at=at, ticket=live.ticket, words=Words(f"Слова {number}"))
    return list(Message.objects.filter(ticket=live.ticket, kind="public").order_by("id").values_list("pk", flat=True))


def test_earlier_messages_come_around_what_is_being_typed(tab: Tabs, live: Cast) -> None:
    messages, page = long_talk(live), tab(live.anna)
    page.goto(card(live))
    page.fill("#comment-on-request", "Начато")
    expect(page.locator(f"#message-{messages[2]}")).to_have_count(0)
    page.locator("[data-earlier]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"#message-{messages[2]}")).to_be_attached()
    expect(page.locator("#activity")).to_be_focused()
    assert page.input_value("#comment-on-request") == "Начато"
    assert page.locator("article.message").count() == len(messages)


def test_staff_get_earlier_messages_by_the_button_too_and_keep_them(tab: Tabs, live: Cast) -> None:
    messages, page = long_talk(live), tab(live.agent)
    page.goto(f"/browse/{live.ticket.key}")
    expect(page.locator(f"#message-{messages[2]}")).to_have_count(0)
    page.locator("[data-earlier]").click()
    expect(page.locator(f"#message-{messages[2]}")).to_be_attached()
    comment(actor=Actor(live.anna, "portal"), at=timezone.now(), ticket=live.ticket, words=Words("Неслыханное"))
    expect(page.locator("#conversation")).to_contain_text("Неслыханное", timeout=20_000)
    expect(page.locator("article.message")).to_have_count(Message.objects.filter(ticket=live.ticket).count())


def test_a_link_to_an_earlier_message_opens_it(tab: Tabs, live: Cast) -> None:
    messages, page = long_talk(live), tab(live.anna)
    page.goto(f"{card(live)}#message-{messages[2]}")
    expect(page.locator(f"#message-{messages[2]}")).to_be_in_viewport()
    page = tab(live.agent)
    page.goto(f"/browse/{live.ticket.key}#message-{messages[2]}")
    expect(page.locator(f"#message-{messages[2]}")).to_be_in_viewport()
    page.goto(f"{card(live)}#message-1")  # there is none
    expect(page.locator("article.message")).to_have_count(len(messages))
