"""What an agent chose beside the last reply is proposed for the next, and leads to the page that follows."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from otklik.desks.models import ReplyChoice
from otklik.tickets.models import Message, Ticket
from tests.browser import watched_tab
from tests.cast import Cast
from tests.workspace.helpers import as_, composer, page_of, queue_url, words_said
from tests.workspace.test_queue import more_tickets

CLOSE = "Закрыть → Закрыт"


@pytest.fixture(autouse=True)
def nothing_held(settings: Settings, home: object) -> None:
    settings.HOLD_SECONDS = 0


def send(client: Client, ticket: Ticket, text: str = "Готово", **more: Any) -> HttpResponse:
    return client.post(f"/browse/{ticket.key}/reply", composer(client, ticket, text, **more))


def step_named(cast: Cast, name: str) -> int:
    return cast.desk.transitions.get(name=name).pk


def proposed(client: Client, ticket: Ticket, where: str = "") -> str:
    """Return the id of the transition that stands chosen in the reply's form."""
    page = page_of(client.get(f"/browse/{ticket.key}{where}"))
    options = page.split('id="composer-step"')[1].split("</select>")[0].split("<option")
    chosen = [option.split('value="')[1].split('"')[0] for option in options[1:] if "selected" in option]
    return chosen[0] if chosen else ""


def test_the_status_after_the_last_reply_is_proposed_for_the_next(cast: Cast) -> None:
    (other,), client, close = more_tickets(cast, 1), as_(cast.agent), step_named(cast, "Закрыть")
    assert proposed(client, other) == ""
    send(client, cast.ticket, step=close)
    assert proposed(client, other) == str(close)
    assert proposed(client, other, "/news?seen=0&version=0") == str(close), "or a poll would unchoose it"
    assert proposed(as_(cast.lead), other) == "", "of one agent, not of the desk"
    send(client, other, "Ещё смотрю", step="")
    (third,) = more_tickets(cast, 1)
    assert proposed(client, third) == ""


def test_a_status_that_cannot_be_reached_from_here_is_not_proposed(cast: Cast) -> None:
    client = as_(cast.agent)
    send(client, cast.ticket, step=step_named(cast, "Закрыть"))
    assert proposed(client, cast.ticket) == "", "it is closed already"


def test_what_a_begun_reply_says_counts_more(cast: Cast) -> None:
    (other,), client = more_tickets(cast, 1), as_(cast.agent)
    send(client, cast.ticket, step=step_named(cast, "Закрыть"))
    place = f"reply:{other.pk}"
    client.post("/servicedesk/customer/user/drafts", {"draft.place": place, "draft.stamp": "1", "comment": "Начато"})
    assert proposed(client, other) == "" and proposed(client, other, "/news?seen=0&version=0") == ""


def test_after_sending_one_stays_or_goes_to_the_list_or_to_its_next_request(cast: Cast) -> None:
    client, (one, two) = as_(cast.agent), more_tickets(cast, 2)
    there = queue_url(cast.desk)
    client.get(there)
    assert send(client, two)["Location"] == f"/browse/{two.key}#message-{Message.objects.latest('id').pk}"
    listed = send(client, two, "Ещё", after="list")
    assert listed["Location"] == there
    assert words_said(listed) == [
        f'Ответ дан: <a href="/browse/{two.key}#message-{Message.objects.latest("id").pk}">{two.key}</a>.'
    ]
    order = [two.key, one.key, cast.ticket.key]  # the newest stands first
    first, second = order[0], order[1]
    assert send(client, Ticket.objects.get(key=first), "И ещё", after="next")["Location"] == f"/browse/{second}"
    last = Ticket.objects.get(key=order[-1])
    assert send(client, last, "Конец", after="next")["Location"] == there, "behind the last one stands the list"


def test_the_next_request_of_a_filters_list(cast: Cast) -> None:
    client, (one, two) = as_(cast.agent), more_tickets(cast, 2)
    client.get("/issues/", {"jql": f"key in ({one.key}, {two.key}) order by key asc"})
    assert send(client, one, after="next")["Location"] == f"/browse/{two.key}"
    outside = send(client, cast.ticket, after="next")["Location"]
    assert outside == f"/browse/{one.key}", "what is not in the list is followed by its first"


def test_the_page_that_follows_is_kept_too(cast: Cast) -> None:
    client = as_(cast.agent)
    send(client, cast.ticket, after="list")
    page = page_of(client.get("/browse/ACCREDO-1"))
    assert '<option value="list" selected>' in page
    assert ReplyChoice.objects.get(person=cast.agent).after == "list"
    send(client, cast.ticket, "Ещё", after="stay")
    assert ReplyChoice.objects.get(person=cast.agent).after == "stay"


def test_a_note_leads_nowhere_else(cast: Cast) -> None:
    client = as_(cast.agent)
    client.get(queue_url(cast.desk))
    noted = client.post("/browse/ACCREDO-1/note", composer(client, cast.ticket, "Заметка", after="list"))
    assert noted["Location"].startswith("/browse/ACCREDO-1#") and not ReplyChoice.objects.exists()


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False])
def test_an_agent_answers_and_goes_on_to_the_next(
    live: Cast, live_server: LiveServer, browser: Browser, settings: Settings, scripts: bool
) -> None:
    settings.HOLD_SECONDS = 60
    more_tickets(live, 1)
    with watched_tab(browser, live_server.url, live.agent, java_script_enabled=scripts) as page:
        page.goto(queue_url(live.desk))
        first = page.locator(".queue-table a[href^='/browse/']").first
        key = first.get_attribute("href")
        first.click()
        page.wait_for_url(f"**{key}**")
        answers(page, key or "")


def answers(page: Page, key: str) -> None:
    """Answer the request with a status, go on to the next, find both choices there, and come back to undo."""
    page.locator("#reply_comment").fill("Готово")
    page.get_by_label("Статус после ответа").select_option(label=CLOSE)
    page.get_by_label("После отправки").select_option("next")
    page.get_by_role("button", name="Отправить заявителю").click()
    flash = page.locator(".flash-text")
    expect(flash).to_contain_text("Ответ дан")
    assert key not in page.url
    expect(page.get_by_label("Статус после ответа").locator("option:checked")).to_have_text(CLOSE)
    expect(page.get_by_label("После отправки")).to_have_value("next")
    flash.get_by_role("link").click()
    expect(page.locator(".message-pending")).to_contain_text("Готово")
