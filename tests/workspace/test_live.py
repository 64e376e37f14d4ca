"""Polling of an open ticket page: it updates itself and leaves typed text alone."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings

from otklik.journal.models import Event
from otklik.people.actor import Actor
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import add_participant, assign, set_muted
from otklik.tickets.content import Words
from otklik.tickets.models import Message, PendingReply
from otklik.tickets.pumps.pending_replies import release_next
from tests.cast import START, Cast
from tests.postoffice import run_all
from tests.statement_caps import statements_at_most
from tests.workspace.helpers import as_, composer, page_of

LATER = timedelta(minutes=5)


def asked(page: str) -> str:
    """Return the address that an open page polls."""
    found = re.search(r'id="ticket-news"[^>]* hx-get="([^"]+)"', page)
    assert found, page[:300]
    return found.group(1).replace("&amp;", "&")


def line_of(page: str) -> str:
    """Return the text of the line about news."""
    found = re.search(r'<div class="ticket-news".*?</div>', page, re.DOTALL)
    assert found, page[:300]
    return re.sub(r"<[^>]+>", "", found.group()).strip()


def look(client: Client, address: str) -> str:
    answer = client.get(address, headers={"HX-Request": "true"})
    assert answer.status_code == 200, answer.status_code
    return page_of(answer)


def test_nothing_is_sent_while_nothing_changed_and_it_costs_little(cast: Cast, settings: Settings) -> None:
    client = as_(cast.agent)
    address = asked(page_of(client.get("/browse/ACCREDO-1")))
    client.get(address)
    with statements_at_most("live ticket"):
        assert client.get(address).status_code == 204


def test_news_are_what_others_did(cast: Cast) -> None:
    client = as_(cast.agent)
    address = asked(page_of(client.get("/browse/ACCREDO-1")))
    comment(actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, words=Words("Моё"))
    set_muted(actor=Actor(cast.anna, "portal"), at=START, ticket=cast.ticket, muted=True)
    own = look(client, address)
    assert line_of(own) == "" and "Моё" in own
    comment(actor=Actor(cast.anna, "mail"), at=START, ticket=cast.ticket, words=Words("Её"))
    hers = look(client, asked(own))
    assert "1 новое сообщение" in line_of(hers) and "Её" in hers
    for broken in ("", "x", "9" * 30, "-1"):
        assert client.get("/browse/ACCREDO-1/news", {"seen": broken, "version": broken}).status_code == 200


def test_whose_session_ended_keeps_the_page(cast: Cast) -> None:
    assert Client().get("/browse/ACCREDO-1/news", headers={"HX-Request": "true"}).status_code == 204


def test_own_delayed_reply_changes_all_that_shows_the_state(cast: Cast, settings: Settings, home: object) -> None:
    settings.HOLD_SECONDS, settings.OUTGOING = 10, ""
    client = as_(cast.agent)
    step = str(cast.desk.transitions.get(name="Ждать ответа заявителя", source__name="Открытый").pk)
    client.post("/browse/ACCREDO-1/reply", composer(client, cast.ticket, "Пришлите снимок", step=step))
    page = page_of(client.get("/browse/ACCREDO-1"))
    assert "data-pending" in page and 'hx-trigger="every 2s"' in page
    add_participant(actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, person=cast.stranger)
    assert release_next(timezone.now() + LATER)
    then = look(client, asked(page))
    assert "data-pending" not in then and f'id="message-{Message.objects.latest("id").pk}"' in then
    about, side = then[then.index('id="ticket-about"') :], then[then.index('id="ticket-side"') :]
    assert "Ожидание ответа заявителя" in about[: about.index("</h1>")] and "Вернуть в работу" in side
    assert "stranger@elsewhere.test" in side and 'id="composer-step"' in then
    queues = then[then.index('id="ws-desks"') :]
    assert re.search(r'Ждут заявителя</span>\s*<span class="ws-count">1<', queues)
    run_all(deliver_too=False)
    assert "ждёт отправки" in look(client, asked(then))


def test_the_page_looks_often_only_while_something_is_on_its_way(cast: Cast, settings: Settings, home: object) -> None:
    settings.HOLD_SECONDS, settings.OUTGOING = 10, ""
    client = as_(cast.agent)
    Event.objects.update(at=START)
    quiet = page_of(client.get("/browse/ACCREDO-1"))
    assert 'hx-trigger="every 10s"' in quiet
    client.post("/browse/ACCREDO-1/reply", composer(client, cast.ticket, "Сейчас"))
    Event.objects.update(at=START)
    PendingReply.objects.update(due_at=timezone.now() + timedelta(seconds=5))
    assert 'hx-trigger="every 6s"' in look(client, asked(quiet))
    PendingReply.objects.update(due_at=timezone.now() + timedelta(days=5))
    far = look(client, asked(quiet))
    assert 'hx-trigger="every 10s"' in far and client.get(asked(far)).status_code == 204
    PendingReply.objects.update(due_at=timezone.now() + timedelta(seconds=5))  # its time has come near
    assert 'hx-trigger="every 6s"' in look(client, asked(far))


def test_rl_34_forms_learn_of_others_only_when_the_agent_looks(cast: Cast) -> None:
    client = as_(cast.agent)
    page = page_of(client.get("/browse/ACCREDO-1"))
    close = cast.desk.transitions.get(name="Закрыть").pk
    comment(actor=Actor(cast.anna, "mail"), at=START, ticket=cast.ticket, words=Words("Стойте"))
    then = look(client, asked(page))
    known = {name: re.search(rf'name="{name}" value="(\d+)"', then).group(1) for name in ("version", "seen")}  # type: ignore[union-attr]
    client.post(f"/browse/ACCREDO-1/transition/{close}", known)
    cast.ticket.refresh_from_db()
    assert cast.ticket.closed_at is None
    shown = re.search(r'hx-get="([^"]+)" hx-target="#ticket-news"', then)
    assert shown
    looked = look(client, shown.group(1).replace("&amp;", "&"))
    assert line_of(looked) == ""
    known = {name: re.search(rf'name="{name}" value="(\d+)"', looked).group(1) for name in ("version", "seen")}  # type: ignore[union-attr]
    client.post(f"/browse/ACCREDO-1/transition/{close}", known)
    cast.ticket.refresh_from_db()
    assert cast.ticket.closed_at is not None


@pytest.mark.browser
def test_the_open_page_keeps_up_around_what_is_typed(agents_page: Page, live: Cast, settings: Settings) -> None:
    settings.HOLD_SECONDS, settings.OUTGOING = 1, ""
    agents_page.goto("/browse/ACCREDO-1")
    agents_page.locator("#reply_comment").fill("Пришлите снимок")
    agents_page.get_by_label("Статус после ответа").select_option(
        label="Ждать ответа заявителя → Ожидание ответа заявителя"
    )
    agents_page.get_by_role("button", name="Отправить заявителю").click()
    expect(agents_page.locator("[data-pending]")).to_be_visible()
    agents_page.locator("#reply_comment").fill("Следующие слова")
    agents_page.get_by_text("Добавить участника").click()
    agents_page.locator("#participant").fill("nina@clinic.te")
    while not release_next(timezone.now() + LATER):
        pass
    assign(actor=Actor(live.lead, "agent"), at=timezone.now(), ticket=live.ticket, assignee=live.lead)
    run_all(deliver_too=False)
    expect(agents_page.locator(".ticket-top")).to_contain_text("Ожидание ответа заявителя")
    side = agents_page.locator(".ticket-side")
    expect(side.get_by_role("button", name="Вернуть в работу")).to_be_visible()
    expect(side.locator("#assignee")).to_have_value(str(live.lead.pk))
    expect(agents_page.locator(".message-sent").last).to_contain_text("ждёт отправки")
    expect(agents_page.get_by_role("link", name="Ждут заявителя 1")).to_be_visible()
    expect(agents_page.locator("#reply_comment")).to_have_value("Следующие слова")
    expect(side.locator("#participant")).to_have_value("nina@clinic.te")


@pytest.mark.browser
def test_a_message_of_a_colleague_appears_in_the_thread(agents_page: Page, live: Cast) -> None:
    agents_page.goto("/browse/ACCREDO-1")
    agents_page.locator("#reply_comment").fill("Пишу ответ")
    comment(actor=Actor(live.lead, "agent"), at=START, ticket=live.ticket, words=Words("Я уже ответила"))
    fresh = agents_page.locator("article.entry-fresh")
    expect(fresh).to_contain_text("Я уже ответила", timeout=30_000)
    agents_page.get_by_role("link", name="Показать", exact=True).click()
    expect(agents_page.locator(".news-line")).to_have_count(0)
    agents_page.get_by_role("button", name="Отправить заявителю").click()
    expect(agents_page.locator('[data-kind="public"]').last).to_contain_text("Пишу ответ")
