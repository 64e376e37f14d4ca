"""Pages behind mailed links in Chromium: their forms are sent with a usable Origin."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from otklik.people.actor import Actor
from otklik.tickets.approvals import vote_token
from otklik.tickets.commands.approve import ask_approval
from otklik.tickets.models import Participant, Rating, Vote
from otklik.tickets.ratings import rating_token, reopen_token, stop_token
from tests.browser import watched_tab
from tests.cast import Cast
from tests.portal.test_rating import close

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False])
def test_an_approver_answers_by_the_link(live: Cast, live_server: LiveServer, browser: Browser, scripts: bool) -> None:
    agent = Actor(live.agent, "agent")
    ask_approval(actor=agent, at=timezone.now(), ticket=live.ticket, people=[live.boris], rule="one")
    vote = Vote.objects.get()
    with watched_tab(browser, live_server.url, java_script_enabled=scripts) as page:
        page.goto(reverse("portal:answer_by_link", args=[vote_token(vote)]))
        page.locator("[name=words]").fill("Прав слишком много")
        page.get_by_role("button", name="Отклонить").click()
        expect(page.locator("main")).to_contain_text("Вы не дали согласия")
    vote.refresh_from_db()
    assert (vote.answer, vote.words) == ("declined", "Прав слишком много")


def test_words_to_an_approver_stay_in_the_browser_until_they_are_sent(
    live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    agent = Actor(live.agent, "agent")
    ask_approval(actor=agent, at=timezone.now(), ticket=live.ticket, people=[live.boris], rule="one")
    with watched_tab(browser, live_server.url) as page:
        page.goto(reverse("portal:answer_by_link", args=[vote_token(Vote.objects.get())]))
        page.locator("[name=words]").fill("Недописанное")
        page.reload()
        expect(page.locator("[name=words]")).to_have_value("Недописанное")


def test_the_links_of_a_closing_mail_rate_stop_and_reopen(
    live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    close(live)
    reader = Participant.objects.get(ticket=live.ticket, person=live.anna)
    with watched_tab(browser, live_server.url) as page:
        page.goto(reverse("portal:rate_by_link", args=[rating_token(reader)]) + "?score=4")
        page.get_by_role("button", name="Отправить оценку").click()
        expect(page.locator(".flash")).to_contain_text(re.compile("Спасибо"))
        page.goto(reverse("portal:unsubscribe", args=[stop_token(reader)]))
        page.locator("main form button").first.click()
        expect(page.locator("main")).not_to_contain_text("403")
        page.goto(reverse("portal:reopen_by_link", args=[reopen_token(reader)]))
        page.locator("main form button").first.click()
        expect(page.locator("main")).not_to_contain_text("403")
    live.ticket.refresh_from_db()
    assert Rating.objects.get().score == 4 and live.ticket.closed_at is None
