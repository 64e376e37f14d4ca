"""Who else has a request open, and who is writing on it: on the page at once and by its polls."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from otklik.people.models import Person
from otklik.tickets.models import Draft, Seen, Ticket
from otklik.tickets.presence import PRESENT_FOR
from otklik.tickets.read_marks import look
from tests.browser import watched_tab
from tests.cast import Cast, as_
from tests.statement_caps import statements_at_most
from tests.workspace.helpers import page_of, queue_url
from tests.workspace.test_live import asked

NAMES = re.compile(r'<span class="present">.*?<span>(.*?)</span></span>', re.DOTALL)


def here(page: str) -> list[str]:
    """Return the people whom the page shows as present, with «пишет» behind the name of a writer."""
    return [" ".join(name.replace("–", "").split()) for name in NAMES.findall(page)]


def poll(client: Client, page: str) -> tuple[int, str]:
    """Poll as the page does; return status and body."""
    token = re.search(r'name="present" id="present" value="([^"]*)"', page)
    assert token
    answer = client.get(f"{asked(page)}&present={token[1]}", headers={"HX-Request": "true"})
    return answer.status_code, page_of(answer)


def writes(person: Person, ticket: Ticket, kind: Draft.Kind = Draft.Kind.REPLY, **more: object) -> None:
    values = {"ticket": ticket, "words": {"comment": ["Тайное слово"]}, "updated_at": timezone.now(), **more}
    Draft.objects.update_or_create(person=person, kind=kind, subject_id=ticket.pk, defaults=values)


def test_who_opens_a_request_sees_who_has_it_open(cast: Cast) -> None:
    url = f"/browse/{cast.ticket.key}"
    first = page_of(as_(cast.lead).get(url))
    assert here(first) == [] and "Сейчас здесь" not in first
    look(person=cast.anna, ticket=cast.ticket, at=timezone.now())  # customers do not count
    assert here(page_of(as_(cast.agent).get(url))) == [cast.lead.name]
    writes(cast.lead, cast.ticket)
    page = page_of(as_(cast.agent).get(url))
    assert here(page) == [f"{cast.lead.name} пишет"] and "Тайное слово" not in page
    assert here(page_of(as_(cast.lead).get(url))) == [cast.agent.name]


def test_an_open_page_is_told_of_who_comes_writes_and_goes_and_of_nothing_else(cast: Cast) -> None:
    agent, url = as_(cast.agent), f"/browse/{cast.ticket.key}"
    page = page_of(agent.get(url))
    assert poll(agent, page)[0] == 204
    as_(cast.lead).get(url)
    status, came = poll(agent, page)
    assert status == 200 and here(came) == [cast.lead.name]
    assert 'hx-swap-oob="morph"' in came and "ticket-news" not in came and len(came) < 2000
    token = re.search(r'value="[^"]*"', came)
    assert token
    page = re.sub(r'(id="present" )value="[^"]*"', rf"\1{token[0]}", page)
    assert poll(agent, page)[0] == 204
    writes(cast.lead, cast.ticket, Draft.Kind.NOTE)
    assert here(poll(agent, page)[1]) == [f"{cast.lead.name} пишет"]
    writes(cast.lead, cast.ticket, Draft.Kind.NOTE, updated_at=timezone.now() - timedelta(seconds=31))
    assert poll(agent, page)[0] == 204  # still there, no longer writing
    Seen.objects.filter(person=cast.lead).update(present_until=timezone.now() - timedelta(seconds=1))
    status, gone = poll(agent, page)
    assert status == 200 and here(gone) == [] and 'id="present" value=""' in gone


def test_what_is_not_a_reply_or_note_or_was_sent_is_not_writing(cast: Cast) -> None:
    url = f"/browse/{cast.ticket.key}"
    as_(cast.lead).get(url)
    writes(cast.lead, cast.ticket, Draft.Kind.QUESTION)
    writes(cast.lead, cast.ticket, words={})  # what remains of a draft that was sent
    assert here(page_of(as_(cast.agent).get(url))) == [cast.lead.name]


def test_polls_renew_the_presence_of_a_page_before_it_ends(cast: Cast) -> None:
    agent, url = as_(cast.agent), f"/browse/{cast.ticket.key}"
    page = page_of(agent.get(url))
    seen = Seen.objects.get(person=cast.agent)
    assert seen.present_until is not None and seen.present_until == seen.at + PRESENT_FOR
    poll(agent, page)
    assert Seen.objects.get(person=cast.agent).present_until == seen.present_until  # not with every poll
    for left in (timedelta(seconds=20), timedelta(seconds=-60)):  # the second: the computer slept
        Seen.objects.update(present_until=timezone.now() + left)
        poll(agent, page)
        now = Seen.objects.get(person=cast.agent)
        assert now.present_until is not None and now.present_until > timezone.now() + timedelta(seconds=35)
        assert now.at == seen.at  # the page was not opened once more


def test_a_poll_that_renews_nothing_costs_one_statement_for_the_ticket(cast: Cast) -> None:
    agent, url = as_(cast.agent), f"/browse/{cast.ticket.key}"
    as_(cast.lead).get(url)
    page = page_of(agent.get(url))
    with statements_at_most("live ticket"):
        assert poll(agent, page)[0] == 204


def test_ab_51_agents_of_other_desks_are_neither_told_nor_counted(cast: Cast) -> None:
    url = f"/browse/{cast.ticket.key}"
    page = page_of(as_(cast.agent).get(url))
    elsewhere = as_(cast.agent_elsewhere)
    assert elsewhere.get(url).status_code == 404 and poll(elsewhere, page)[0] == 404
    assert poll(as_(cast.agent), page)[0] == 204


def present_in(client: Client, url: str, token: str = "") -> tuple[int, dict[str, str], str]:
    """Ask as the list at `url` does; return status, names by ticket id, and the token for the next time."""
    found = re.search(r'id="list-presence"[^>]* hx-get="([^"]+)"', page_of(client.get(url)), re.DOTALL)
    assert found
    answer = client.get(f"{found[1]}&present={token}")
    body = page_of(answer)
    tokens = re.findall(r'name="present" value="([^"]*)"', body)
    return answer.status_code, dict(re.findall(r'data-present="([0-9]+)">([^<]*)<', body)), "".join(tokens)


@pytest.mark.parametrize("by_filter", [False, True])
def test_a_list_tells_which_of_its_requests_others_have_open(cast: Cast, by_filter: bool) -> None:
    agent = as_(cast.agent)
    url = "/issues/?jql=project%20%3D%20ACCREDO" if by_filter else queue_url(cast.desk)
    assert present_in(agent, url) == (204, {}, "")
    agent.get(f"/browse/{cast.ticket.key}")  # one's own page is no news
    assert present_in(agent, url)[0] == 204
    for person in (cast.lead, cast.admin):
        Seen.objects.update_or_create(
            person=person,
            ticket=cast.ticket,
            defaults={"at": timezone.now(), "present_until": timezone.now() + PRESENT_FOR},
        )
    names = ", ".join(sorted((cast.lead.name, cast.admin.name), key=str.casefold))
    status, told, token = present_in(agent, url)
    assert (status, told) == (200, {str(cast.ticket.pk): names})
    assert present_in(agent, url, token)[0] == 204
    Seen.objects.update(present_until=timezone.now())
    assert present_in(agent, url, token) == (200, {}, "")


def test_ab_51_a_list_tells_nothing_of_other_desks(cast: Cast) -> None:
    as_(cast.agent).get(f"/browse/{cast.ticket.key}")
    assert as_(cast.agent_elsewhere).get("/issues/present", {"rows": f"{cast.ticket.pk}."}).status_code == 204
    assert as_(cast.anna).get("/issues/present", {"rows": f"{cast.ticket.pk}."}).status_code == 404


def test_lists_of_one_and_of_many_requests_cost_the_same(cast: Cast) -> None:
    agent = as_(cast.agent)
    with statements_at_most("staff poll"):
        agent.get("/issues/present", {"rows": ".".join(map(str, range(1, 51)))})


@pytest.mark.browser
def test_a_row_is_marked_while_somebody_has_its_request_open(
    agents_page: Page, live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    with watched_tab(browser, live_server.url, live.lead) as colleague:
        colleague.goto("/browse/ACCREDO-1")
        agents_page.goto(queue_url(live.desk))
        row = agents_page.locator(f'tr[data-ticket="{live.ticket.pk}"]')
        expect(row.locator(".present-mark")).to_contain_text(live.lead.name)
        expect(agents_page.locator(".present-mark")).to_have_count(1)
    Seen.objects.filter(person=live.lead).update(present_until=timezone.now())
    expect(row.locator(".present-mark")).to_have_count(0, timeout=40_000)


@pytest.mark.browser
def test_two_agents_see_each_other_and_no_typed_word_moves(
    agents_page: Page, live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    agents_page.goto("/browse/ACCREDO-1")
    agents_page.locator("#reply_comment").fill("Мои слова")
    line = agents_page.locator("#presence")
    expect(line).to_have_text("")
    with watched_tab(browser, live_server.url, live.lead) as colleague:
        colleague.goto("/browse/ACCREDO-1")
        expect(colleague.locator("#presence")).to_contain_text(f"{live.agent.name} – пишет")
        expect(line).to_contain_text(f"Сейчас здесь: {live.lead.name}", timeout=30_000)
        colleague.locator("#reply_comment").fill("Я тоже отвечаю")
        expect(line).to_contain_text(f"{live.lead.name} – пишет", timeout=30_000)
    expect(agents_page.locator("#reply_comment")).to_have_value("Мои слова")
    Seen.objects.filter(person=live.lead).update(present_until=timezone.now())
    expect(line).to_have_text("", timeout=30_000)
    expect(agents_page.locator("#reply_comment")).to_have_value("Мои слова")
