"""Without scripts only one form with a text is shown, and every other action submits its text as well."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer
from selectolax.lexbor import LexborHTMLParser, LexborNode

from otklik.desks.models import Transition
from otklik.mail.models import AddressTrouble, InboundMail
from otklik.people.actor import Actor
from otklik.tickets.commands.approve import ask_approval, withdraw_approval
from otklik.tickets.commands.base import Words
from otklik.tickets.commands.comment import comment, hold_comment
from otklik.tickets.commands.pending import hold_reply, undo_reply
from otklik.tickets.commands.status import change_status
from otklik.tickets.models import Approval, Message, PendingReply
from tests.browser import watched_tab
from tests.cast import Cast, as_
from tests.portal.helpers import card, inbound_mail

Act = Callable[[Page, Cast], None]
WORDS = "Слова, которые пишутся сейчас"


def busy(cast: Cast) -> None:
    """Add everything with buttons to the ticket: held and claimed mails, people, an approval, one's own note."""
    at, agent = timezone.now(), Actor(cast.agent, "agent")
    row = inbound_mail()
    InboundMail.objects.filter(pk=row.pk).update(from_address="masha65@mail.test")
    hold_comment(
        at=at, ticket=cast.ticket, words=Words("Удержанное"), claimed_author="masha65@mail.test", inbound=row, why=""
    )
    mailed = comment(
        actor=Actor(cast.anna, "mail"), at=at, ticket=cast.ticket, words=Words("Письмо"), inbound=inbound_mail(b"a: b")
    )
    Message.objects.filter(pk=mailed.pk).update(
        asked=["third@clinic.test"], claims=[{"name": "", "address": "author@clinic.test"}]
    )
    comment(actor=agent, at=at, ticket=cast.ticket, words=Words("Своя заметка"), kind=Message.Kind.INTERNAL)
    ask_approval(actor=agent, at=at, ticket=cast.ticket, people=[cast.boris], rule="one", question="Можно?")
    AddressTrouble.objects.create(address="boris@clinic.test", last_at=at, words="no", stopped_at=at)
    for due in (timedelta(hours=2), timedelta(minutes=5)):
        hold_reply(actor=agent, at=at, ticket=cast.ticket, words=Words("Потом"), due_at=at + due, scheduled=True)
    undo_reply(actor=agent, at=at, reply=PendingReply.objects.latest("id"))
    hold_reply(actor=agent, at=at, ticket=cast.ticket, words=Words("Сейчас"), due_at=at + timedelta(minutes=1))


def drops(button: LexborNode, carrier: str) -> bool:
    """Return whether pressing the button loses the text of the open form."""
    chain = [button]
    while (around := chain[-1].parent) is not None:
        chain.append(around)
    hidden = any({"js-only", "composer"} & set((one.attributes.get("class") or "").split()) for one in chain)
    form = next((one.attributes.get("id") for one in chain if one.tag == "form"), "")
    return (
        button.attributes.get("type") != "button" and not hidden and carrier != (button.attributes.get("form") or form)
    )


def dropping(page: str, carrier: str) -> list[str]:
    """Return the buttons in the page's main part that lose text."""
    tree = LexborHTMLParser(page)
    main = tree.css_first("main")
    assert main is not None and tree.css_first(f"form#{carrier}") is not None
    return [
        button.text(strip=True) or str(button.attributes) for button in main.css("button") if drops(button, carrier)
    ]


@pytest.mark.parametrize(
    ("write", "carrier"),
    [
        ("reply", "reply"),
        ("note", "note"),
        ("question", "question"),
        ("subject", "rename"),
        ("participant", "add-person"),
    ],
)
def test_every_button_of_a_ticket_takes_the_open_words_along(
    cast: Cast, home: object, write: str, carrier: str
) -> None:
    busy(cast)
    if carrier == "question":
        Approval.objects.all().delete()
    page = as_(cast.agent).get(f"/browse/{cast.ticket.key}?write={write}").content.decode()
    seen = (
        "Принять и добавить участником",
        "Сделать заявителем",
        "Попробовать снова",
        "Другое время",
        "Ответ уже ушёл?",
    )
    assert [words for words in seen if words not in page] == []
    assert dropping(page, carrier) == []


@pytest.mark.parametrize("carrier", ["comment", "rating", "approval"])
def test_every_button_of_a_card_takes_the_open_words_along(cast: Cast, home: object, carrier: str) -> None:
    busy(cast)
    who = cast.boris if carrier == "approval" else cast.anna
    if carrier == "rating":
        closed = Transition.objects.filter(desk=cast.desk, target__category="done")[0]
        change_status(actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, transition=closed)
    page = as_(who).get(card(cast, f"?write={carrier}")).content.decode()
    ids = {"rating": "rating-form", "approval": f"answer-{Approval.objects.get().pk}"}
    assert dropping(page, ids.get(carrier, carrier)) == []


@pytest.fixture
def plain_page(live: Cast, live_server: LiveServer, browser: Browser) -> Iterator[Page]:
    """Yield the agent's tab without scripts, with a text in the reply."""
    with watched_tab(browser, live_server.url, live.agent, java_script_enabled=False) as page:
        page.goto("/browse/ACCREDO-1")
        page.locator("#reply_comment").fill(WORDS)
        yield page


def assign(page: Page, live: Cast) -> None:
    page.locator("#assignee").select_option(label=live.lead.name)
    page.get_by_role("button", name="Сохранить исполнителя").click()
    live.ticket.refresh_from_db()
    assert live.ticket.assignee == live.lead


def set_priority(page: Page, live: Cast) -> None:
    wanted = live.desk.priorities.exclude(pk=live.ticket.priority_id)[0]
    page.locator("#priority").select_option(value=str(wanted.pk))
    page.get_by_role("button", name="Сохранить приоритет").click()
    live.ticket.refresh_from_db()
    assert live.ticket.priority == wanted


def wait_and_see(page: Page, live: Cast) -> None:
    """Press the composer's own button that saves the draft."""
    page.get_by_role("button", name="Сохранить черновик").last.click()


def send(page: Page, live: Cast) -> None:
    page.locator("#reply_comment").fill(WORDS)
    page.get_by_role("button", name="Отправить заявителю").click()


@pytest.mark.browser
@pytest.mark.parametrize("act", [assign, set_priority, wait_and_see, send])
def test_what_was_typed_beside_a_composer_waits_for_its_own_button(plain_page: Page, live: Cast, act: Act) -> None:
    label, day = plain_page.locator("#labels"), plain_page.locator("#due")
    label.fill("сканер срочно")
    day.fill("31.12.2026")
    act(plain_page, live)
    assert (label.input_value(), day.input_value()) == ("сканер срочно", "31.12.2026")
    assert plain_page.get_by_text("Ещё не сохранено").count() == 2
    live.ticket.refresh_from_db()
    assert not live.ticket.labels and live.ticket.due is None
    plain_page.goto("/secure/Dashboard.jspa")
    plain_page.goto("/browse/ACCREDO-1")
    assert label.input_value() == "сканер срочно"
    plain_page.get_by_role("button", name="Сохранить метки").click()
    live.ticket.refresh_from_db()
    assert set(live.ticket.labels) == {"сканер", "срочно"}
    assert day.input_value() == "31.12.2026" and plain_page.get_by_text("Ещё не сохранено").count() == 1


@pytest.mark.browser
def test_what_cannot_be_saved_beside_a_composer_stays_typed(plain_page: Page, live: Cast) -> None:
    day = plain_page.locator("#due")
    day.fill("32.12.2026")
    plain_page.get_by_role("button", name="Сохранить срок").click()
    assert day.input_value() == "32.12.2026" and plain_page.locator("#reply_comment").input_value() == WORDS
    day.fill("31.12.2026")
    plain_page.get_by_role("button", name="Сохранить срок").click()
    live.ticket.refresh_from_db()
    assert live.ticket.due is not None and plain_page.get_by_text("Ещё не сохранено").count() == 0


@pytest.mark.parametrize("is_closed", [False, True])
@pytest.mark.parametrize("write", ["reply", "note", "subject", "participant", "question"])
def test_no_heading_of_the_panel_stands_alone(cast: Cast, home: object, write: str, is_closed: bool) -> None:
    if is_closed:
        closed = Transition.objects.filter(desk=cast.desk, target__category="done")[0]
        change_status(actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, transition=closed)
    tree = LexborHTMLParser(as_(cast.agent).get(f"/browse/{cast.ticket.key}?write={write}").content.decode())
    for node in tree.css(".js-only, .side-card h2 + .saved"):
        node.decompose()
    cards = tree.css(".side-card")
    alone = [card.text(strip=True) for card in cards if card.css("h2") and card.text() == card.css("h2")[0].text()]
    assert cards and alone == []


def rename(page: Page, live: Cast) -> None:
    page.get_by_role("button", name="Изменить тему").click()
    expect(page.locator("#reply_comment")).to_be_hidden()
    page.locator("#new-subject").fill("Другая тема")
    page.locator("#new-subject").press("Enter")
    expect(page.locator("h1")).to_have_text("Другая тема")


def add_somebody(page: Page, live: Cast) -> None:
    page.get_by_role("button", name="Добавить участника").click()
    page.locator("#participant").fill("new@clinic.test")
    page.locator("#participant").press("Enter")
    expect(page.locator(".people").first).to_contain_text("new@clinic.test")


def take_off(page: Page, live: Cast) -> None:
    page.get_by_role("button", name="Убрать участника: Борис Щукин").click()
    expect(page.locator(".people").first).not_to_contain_text("Борис Щукин")


def ask(page: Page, live: Cast) -> None:
    page.get_by_role("button", name="Запросить согласование").click()
    page.locator("#approvers").fill("boris@clinic.test")
    page.locator("#approval-question").fill("Можно?")
    page.get_by_role("button", name="Изменить тему").click()
    page.get_by_role("link", name="Вернуться к ответу").click()
    page.get_by_role("button", name="Запросить согласование").click()
    expect(page.locator("#approval-question")).to_have_value("Можно?")
    page.locator("#approval-question").press("Tab")
    page.get_by_role("button", name="Запросить", exact=True).click()
    assert Approval.objects.get().question == "Можно?"


def try_again(page: Page, live: Cast) -> None:
    page.get_by_role("button", name="Попробовать снова").click()
    expect(page.locator("#flashes")).to_contain_text("boris@clinic.test")
    assert not AddressTrouble.objects.exists()


def another_time(page: Page, live: Cast) -> None:
    page.get_by_role("button", name="Другое время").click()
    expect(page.locator("#reply_comment")).to_be_hidden()
    time = page.locator(".pending-move input[name=send_at]")
    time.fill("31.12.2026 10:00")
    time.press("Enter")
    expect(page.locator(".pending-bar", has_text="31 декабря")).to_be_visible()


def open_the_other(page: Page, live: Cast) -> None:
    """Open the undone reply in the composer by its link."""
    page.get_by_role("button", name="У вас есть отменённый ответ: открыть в редакторе").click()


@pytest.mark.browser
@pytest.mark.parametrize("act", [try_again, another_time, open_the_other])
def test_what_is_done_about_other_replies_keeps_the_words(plain_page: Page, live: Cast, act: Act) -> None:
    busy(live)
    plain_page.goto("/browse/ACCREDO-1")
    plain_page.locator("#reply_comment").fill(WORDS)
    act(plain_page, live)
    plain_page.goto("/browse/ACCREDO-1")
    expect(plain_page.locator("#reply_comment")).to_have_value(WORDS)


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("typed", ["", WORDS])
def test_a_reply_taken_back_that_is_thrown_away_can_be_brought_back(
    live: Cast, live_server: LiveServer, browser: Browser, scripts: bool, typed: str
) -> None:
    agent, at = Actor(live.agent, "agent"), timezone.now()
    due = at + timedelta(hours=2)
    reply = hold_reply(actor=agent, at=at, ticket=live.ticket, words=Words("Потом"), due_at=due, scheduled=True)
    undo_reply(actor=agent, at=at, reply=reply)
    with watched_tab(browser, live_server.url, live.agent, java_script_enabled=scripts) as page:
        page.goto(f"/browse/ACCREDO-1?draft={reply.pk}")
        words = page.locator("#reply_comment")
        expect(words).to_have_value("Потом")
        if typed:
            words.fill(typed)
        page.get_by_role("button", name="Удалить черновик").click()
        if scripts:
            page.get_by_role("alertdialog").get_by_role("button", name="Удалить черновик").click()
        expect(words).to_have_value("")
        assert not PendingReply.objects.exists()
        page.get_by_role("button", name="Вернуть").click()
        expect(words).to_have_value(typed or "Потом")


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False])
def test_a_reply_goes_tomorrow_at_nine_by_one_press(
    live: Cast, live_server: LiveServer, browser: Browser, scripts: bool
) -> None:
    with watched_tab(browser, live_server.url, live.agent, java_script_enabled=scripts) as page:
        page.goto("/browse/ACCREDO-1")
        page.locator("#reply_comment").fill("Утром")
        page.get_by_role("button", name="Отправить завтра в 9:00").click()
        expect(page.locator(".message-pending")).to_contain_text("09:00")
    assert PendingReply.objects.get(text="Утром").scheduled


@pytest.mark.browser
@pytest.mark.parametrize("act", [assign, set_priority, rename, add_somebody, take_off, ask])
def test_what_is_done_beside_a_reply_keeps_its_words(plain_page: Page, live: Cast, act: Act) -> None:
    act(plain_page, live)
    expect(plain_page.locator("#reply_comment")).to_be_visible()
    expect(plain_page.locator("#reply_comment")).to_have_value(WORDS)
    assert not Message.objects.filter(text=WORDS).exists()


def open_forms(page: Page, fields: dict[str, str]) -> list[str]:
    return [name for name, field in fields.items() if page.locator(field).first.is_visible()]


@pytest.mark.browser
def test_one_form_with_words_stands_open_on_a_ticket_and_it_is_the_one_asked_for(plain_page: Page, live: Cast) -> None:
    busy(live)
    late, soon = PendingReply.objects.exclude(state="draft").order_by("-due_at")
    fields = {
        "reply": "#reply_comment", "note": "#note_comment", "subject": "#new-subject", "participant": "#participant",
        "question": "#approvers", f"time-{late.pk}": f"#move-{late.pk}-send_at",
    }  # fmt: skip
    asked = [*fields, "", "x", f"time-{soon.pk}", "time-0"]
    for wanted in asked:
        plain_page.goto(f"/browse/ACCREDO-1?write={wanted}")
        there = wanted in fields and wanted != "question"  # an approval is waited for: nobody can ask for another
        assert open_forms(plain_page, fields) == [wanted if there else "reply"], wanted
    Approval.objects.all().delete()
    plain_page.goto("/browse/ACCREDO-1?write=question")
    assert open_forms(plain_page, fields) == ["question"]


@pytest.mark.browser
def test_one_form_with_words_stands_open_on_a_card(live: Cast, live_server: LiveServer, browser: Browser) -> None:
    busy(live)
    withdraw_approval(actor=Actor(live.agent, "agent"), at=timezone.now(), approval=Approval.objects.get())
    people = [live.boris, live.stranger]
    ask_approval(actor=Actor(live.agent, "agent"), at=timezone.now(), ticket=live.ticket, people=people, rule="one")
    fields = {"comment": "#comment-on-request", "share": "#share-email", "approval": "[id^=approval-words]"}
    for who, otherwise, there in (
        (live.anna, "comment", {"comment", "share"}),
        (live.boris, "approval", {"comment", "share", "approval"}),
        (live.stranger, "approval", {"approval"}),
    ):
        with watched_tab(browser, live_server.url, who, java_script_enabled=False) as page:
            for wanted in [*fields, "", "rating", "x"]:
                page.goto(card(live, f"?write={wanted}"))
                assert open_forms(page, fields) == [wanted if wanted in there else otherwise], (who, wanted)


@pytest.mark.browser
def test_enter_in_the_time_of_a_reply_sends_nothing(plain_page: Page, live: Cast) -> None:
    plain_page.locator(".composer-later summary").click()
    plain_page.locator("#reply_send_at").fill("31.12.2030 10:00")
    plain_page.locator("#reply_send_at").press("Enter")
    expect(plain_page.locator("#flashes")).to_contain_text("Черновик сохранён")
    expect(plain_page.locator("#reply_comment")).to_have_value(WORDS)
    assert not PendingReply.objects.exists() and not Message.objects.filter(text=WORDS).exists()


@pytest.mark.browser
def test_the_card_keeps_the_comment_while_something_else_is_done(
    live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    with watched_tab(browser, live_server.url, live.anna, java_script_enabled=False) as page:
        page.goto(card(live))
        page.locator("#comment-on-request").fill(WORDS)
        page.get_by_role("button", name="Отключить уведомления").click()
        expect(page.locator("#comment-on-request")).to_have_value(WORDS)
        page.get_by_role("button", name="Поделиться с коллегой").click()
        expect(page.locator("#comment-on-request")).to_be_hidden()
        page.locator("#share-email").fill("вовсе не адрес")
        page.get_by_role("button", name="Поделиться", exact=True).click()
        expect(page.locator("#share-error")).to_be_visible()
        page.locator("#share-email").fill("new@clinic.test")
        page.locator("#share-email").press("Enter")
        expect(page.locator("#flashes")).to_contain_text("new@clinic.test")
        expect(page.locator("#comment-on-request")).to_have_value(WORDS)
    assert not Message.objects.filter(text=WORDS).exists()


@pytest.mark.browser
def test_a_question_whose_form_comes_while_the_page_is_open_is_a_draft_too(agents_page: Page, live: Cast) -> None:
    busy(live)
    agents_page.goto("/browse/ACCREDO-1")
    expect(agents_page.locator("#approvers")).to_have_count(0)
    withdraw_approval(actor=Actor(live.agent, "agent"), at=timezone.now(), approval=Approval.objects.get())
    agents_page.locator("#priority").select_option(index=0)
    expect(agents_page.locator("#approvers")).to_have_count(1)
    agents_page.locator("#ask-approval summary").click()
    agents_page.locator("#approval-question").fill(WORDS)
    expect(agents_page.locator("#question [data-draft-state]")).to_contain_text("Черновик сохранён")
    agents_page.goto("/browse/ACCREDO-1")
    expect(agents_page.locator("#approval-question")).to_have_value(WORDS)
