"""Each section of the agents' home page links to a filter that finds the same tickets."""

import re
from html import unescape

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from otklik.desks.models import Status
from otklik.tickets.commands.fields import assign
from otklik.tickets.models import Ticket
from tests.acting import by
from tests.browser import watched_tab
from tests.cast import Cast
from tests.statement_caps import statements_at_most
from tests.workspace.helpers import as_, page_of
from tests.workspace.test_list_news import copies
from tests.workspace.test_queue import keys


def test_the_whole_list_of_a_section_finds_what_the_section_shows(cast: Cast) -> None:
    mine, waits, closed, _nobodys = copies(cast, 2, 4)
    waiting, done = (Status.objects.filter(desk=cast.desk, category=category)[0] for category in ("waiting", "done"))
    Ticket.objects.filter(pk__in=[mine.pk, waits.pk, closed.pk]).update(assignee=cast.agent)
    Ticket.objects.filter(pk=waits.pk).update(status=waiting)
    Ticket.objects.filter(pk=closed.pk).update(status=done, closed_at=closed.created_at)
    client = as_(cast.agent)
    sections = page_of(client.get("/secure/Dashboard.jspa")).split("<section")[1:]
    compared = 0
    for section in sections:
        link = re.search(r'class="soft home-more">.*?href="([^"]+)"', section, re.DOTALL)
        if link:
            shown = sorted(re.findall(r'data-key="([^"]+)"', section))
            assert shown and shown == sorted(keys(page_of(client.get(unescape(link[1])))))
            compared += 1
    assert compared == 3


HOME = "/secure/Dashboard.jspa"


def news_of(page: str) -> str:
    found = re.search(r'hx-get="([^"]+/news[^"]+)"', page)
    assert found
    return unescape(found[1])


def test_the_home_is_told_of_changes_that_it_would_show_and_of_no_others(cast: Cast) -> None:
    client = as_(cast.agent)
    (mine,) = copies(cast, 2, 1)
    news = news_of(page_of(client.get(HOME)))
    with statements_at_most("list news"):
        assert client.get(news).status_code == 204
    # A closed one changed: the home shows none of these.
    done = Status.objects.filter(desk=cast.desk, category="done")[0]
    (closed,) = copies(cast, 3, 1)
    Ticket.objects.filter(pk=closed.pk).update(status=done, closed_at=timezone.now(), updated_at=timezone.now())
    told = page_of(client.get(news))
    assert "Есть изменения" not in told and "ws-desks" in told
    shows = re.search(r'name="shows" value="(\w+)"', told)
    assert shows
    with statements_at_most("list news"):
        assert client.get(f"{news}&shows={shows[1]}").status_code == 204
    assign(**{**by(cast.lead), "at": timezone.now()}, ticket=mine, assignee=cast.agent)
    assert "Есть изменения: показать" in page_of(client.get(f"{news}&shows={shows[1]}"))
    elsewhere = as_(cast.agent_elsewhere)
    assert elsewhere.get(news_of(page_of(elsewhere.get(HOME)))).status_code == 204


@pytest.mark.browser
def test_the_bar_of_the_home_shows_what_came_without_a_new_page(
    live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    with watched_tab(browser, live_server.url, live.agent) as page:
        page.goto(HOME)
        page.wait_for_function("() => window.htmx")
        expect(page.locator("#section-mine ~ .table-wrap tr[data-ticket]")).to_have_count(0)
        assign(**{**by(live.lead), "at": timezone.now()}, ticket=live.ticket, assignee=live.agent)
        page.evaluate(
            """htmx.ajax("GET", document.querySelector(".queue-news").getAttribute("hx-get"), ".queue-news")"""
        )
        page.evaluate("window.stays = true")
        expect(page.locator(".queue-news-button")).to_have_text("Есть изменения: показать")
        # Before htmx has taken the bar in, it is a link.
        page.wait_for_function("() => document.querySelector('.queue-news-button')['htmx-internal-data']")
        page.keyboard.press("KeyU")
        expect(page.locator("#section-mine ~ .table-wrap tr[data-ticket]")).to_have_count(1)
        expect(page.locator(".queue-news-button")).to_have_count(0)
        assert page.evaluate("window.stays")
