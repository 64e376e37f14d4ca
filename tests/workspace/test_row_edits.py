"""Changing assignee, status and priority in the row of a list."""

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from otklik.desks.models import Transition
from otklik.people.actor import Actor
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import assign, change_priority
from otklik.tickets.content import Words
from otklik.tickets.models import Ticket
from tests.browser import watched_tab
from tests.cast import START, Cast
from tests.statement_caps import statements_at_most
from tests.workspace.helpers import as_, queue_url
from tests.workspace.test_list_browser import press, row
from tests.workspace.test_list_news import FILTER, copies

COLUMNS = "key,subject,status,priority,assignee"


def told(response: HttpResponse) -> dict[str, Any]:
    assert response.status_code == 200
    answer: dict[str, Any] = json.loads(response.content)
    return answer


def choices(cast: Cast, name: str) -> list[dict[str, Any]]:
    options: list[dict[str, Any]] = told(as_(cast.agent).get(f"/browse/ACCREDO-1/choices/{name}"))["options"]
    return options


def test_the_menus_offer_what_is_possible_now(cast: Cast) -> None:
    people = choices(cast, "assignee")
    assert [option["label"] for option in people[:2]] == ["не назначен", f"{cast.agent.name} (я)"]
    assert people[0]["chosen"] and all(cast.agent_elsewhere.name not in option["label"] for option in people)
    levels = choices(cast, "priority")
    assert [int(option["value"]) for option in levels] == list(
        cast.desk.priorities.order_by("level").values_list("pk", flat=True)
    )
    assert [option["value"] for option in levels if option["chosen"]] == [str(cast.ticket.priority_id)]
    steps = {int(option["value"]) for option in choices(cast, "status")}
    possible = Transition.objects.filter(desk=cast.desk, for_agents=True).exclude(target=cast.ticket.status)
    assert steps == {step.pk for step in possible if step.source_id in (None, cast.ticket.status_id)}


@pytest.mark.parametrize("name", ["assignee", "priority", "status"])
def test_ab_44_menus_are_for_the_desks_staff(cast: Cast, name: str) -> None:
    for person in (cast.anna, cast.stranger, cast.agent_elsewhere):
        assert as_(person).get(f"/browse/ACCREDO-1/choices/{name}").status_code == 404


def test_an_act_answers_with_the_row_and_how_to_take_it_back(cast: Cast) -> None:
    client = as_(cast.agent)
    sent = {"row": "1", "columns": COLUMNS, "before": "", "assignee": str(cast.agent.pk)}
    answer = told(client.post("/browse/ACCREDO-1/assign", sent))
    assert not answer["wrong"] and cast.agent.name in answer["words"] and cast.agent.name in answer["row"]
    # The box of the row and its columns.
    assert answer["row"].count("<td") == 5 and 'class="moment"' not in answer["row"]
    undo = answer["undo"]
    back = {"row": "1", "columns": COLUMNS, "undo": "1", undo["named"]: undo["before"], undo["name"]: undo["value"]}
    answer = told(client.post(undo["url"], back))
    assert answer["row"].count("<td") == 5
    # A list whose rows can be selected says so.
    priority = {**sent, "columns": f"tick,{COLUMNS}", "priority": str(cast.ticket.priority_id)}
    assert told(client.post("/browse/ACCREDO-1/priority", priority))["row"].count("<td") == 6
    assert answer["undo"] is None and Ticket.objects.get(pk=cast.ticket.pk).assignee_id is None


def test_rl_34_what_a_colleague_changed_meanwhile_is_not_overwritten(cast: Cast) -> None:
    client, lead = as_(cast.agent), Actor(cast.lead, "agent")
    assign(actor=lead, at=START, ticket=cast.ticket, assignee=cast.lead)
    sent = {"row": "1", "columns": COLUMNS, "before": "", "assignee": str(cast.agent.pk)}
    answer = told(client.post("/browse/ACCREDO-1/assign", sent))
    assert answer["wrong"] and cast.lead.name in answer["words"] and cast.lead.name in answer["row"]
    first, last = cast.desk.priorities.order_by("level")[0], cast.desk.priorities.order_by("-level")[0]
    before = str(cast.ticket.priority_id)
    change_priority(actor=lead, at=START, ticket=cast.ticket, priority=first)
    answer = told(client.post("/browse/ACCREDO-1/priority", {"row": "1", "before": before, "priority": str(last.pk)}))
    assert answer["wrong"] and first.name in answer["row"]
    now = Ticket.objects.get(pk=cast.ticket.pk)
    assert (now.assignee, now.priority) == (cast.lead, first)


def test_rl_34_nobody_closes_in_a_list_over_a_message_that_came_meanwhile(cast: Cast) -> None:
    [step] = Transition.objects.filter(desk=cast.desk, target__category="done", for_agents=True)[:1]
    shown = Ticket.objects.get(pk=cast.ticket.pk)
    comment(actor=Actor(cast.anna, "portal"), at=timezone.now(), ticket=cast.ticket, words=Words("Ещё одно"))
    sent = {"row": "1", "columns": COLUMNS, "version": str(shown.version), "seen": "0"}
    address = f"/browse/ACCREDO-1/transition/{step.pk}"
    answer = told(as_(cast.agent).post(address, sent))
    now = Ticket.objects.get(pk=cast.ticket.pk)
    assert answer["wrong"] and now.closed_at is None and f'data-version="{now.version}"' in answer["row"]
    answer = told(as_(cast.agent).post(address, {**sent, "version": str(now.version)}))
    assert not answer["wrong"] and Ticket.objects.get(pk=cast.ticket.pk).closed_at is not None


def test_what_is_no_choice_is_refused_in_the_row(cast: Cast) -> None:
    for address, sent in (("assign", {"assignee": str(cast.anna.pk)}), ("priority", {"priority": "x"})):
        answer = told(as_(cast.agent).post(f"/browse/ACCREDO-1/{address}", {"row": "1", **sent}))
        assert answer["wrong"] and "<tr" in answer["row"]


def test_a_menu_costs_a_few_queries(cast: Cast) -> None:
    client = as_(cast.agent)
    for name in ("assignee", "priority", "status"):
        with statements_at_most("menu of a cell"):
            client.get(f"/browse/ACCREDO-1/choices/{name}")


def said(page: Page) -> Any:
    return page.locator(".list-note")


@pytest.mark.browser
@pytest.mark.parametrize("russian", [False, True])
@pytest.mark.parametrize("of_queue", [False, True])
def test_a_row_is_changed_by_the_keyboard(
    live: Cast, live_server: LiveServer, browser: Browser, russian: bool, of_queue: bool
) -> None:
    copies(live, 2, 2)
    with watched_tab(browser, live_server.url, live.agent) as page:
        page.goto(queue_url(live.desk) + "?sort=key" if of_queue else FILTER)
        press(page, "KeyJ", russian=russian)
        press(page, "KeyA", russian=russian)
        menu = page.get_by_role("dialog")
        expect(menu.get_by_role("combobox")).to_be_focused()
        assert live.lead.name.startswith("Лиди")
        # The same keys in the other layout, too.
        page.keyboard.type("ЛИДИ" if russian else "KBLB")
        expect(menu.get_by_role("option")).to_have_count(1)
        page.keyboard.press("Enter")
        cell = page.locator(row(page, 1)).locator("[data-edit=assignee]")
        expect(cell).to_have_text(live.lead.name)
        expect(cell.get_by_role("button")).to_be_focused()
        expect(said(page)).to_contain_text(live.lead.name)
        assert Ticket.objects.get(key="ACCREDO-1").assignee == live.lead
        said(page).get_by_role("button", name="Отменить").click()
        expect(cell).to_have_text("не назначен")
        assert Ticket.objects.get(key="ACCREDO-1").assignee is None
        cell.get_by_role("button").focus()
        press(page, "KeyS", russian=russian)
        expect(menu.get_by_role("option").first).to_be_visible()
        page.keyboard.press("Escape")
        expect(menu).to_have_count(0)
        expect(page.locator(row(page, 1)).locator("[data-edit=status]").get_by_role("button")).to_be_focused()
        # On with the next row from the button, too.
        press(page, "KeyJ", russian=russian)
        press(page, "KeyS", russian=russian)
        possible = Transition.objects.filter(desk=live.desk, for_agents=True, source=live.ticket.status)
        step = possible.select_related("target")[0]
        menu.get_by_role("option", name=step.name).first.click()
        status = page.locator(row(page, 2)).locator("[data-status]")
        expect(status).to_have_attribute("data-status", step.target.name)


@pytest.mark.browser
def test_rl_34_two_agents_change_a_row(live: Cast, live_server: LiveServer, browser: Browser) -> None:
    copies(live, 2, 2)
    address = queue_url(live.desk) + "?sort=key"
    with (
        watched_tab(browser, live_server.url, live.agent) as late,
        watched_tab(browser, live_server.url, live.lead) as early,
    ):
        late.goto(address)
        early.goto(address)
        for page in (early, late):
            page.locator(row(page, 2)).locator("[data-edit=assignee] button").click()
            page.get_by_role("option", name="(я)").click()
            expect(said(page)).not_to_be_empty()
        expect(said(late)).to_contain_text(live.lead.name)
        expect(late.locator(row(late, 2)).locator("[data-edit=assignee]")).to_have_text(live.lead.name)
        assert Ticket.objects.get(key="ACCREDO-2").assignee == live.lead


@pytest.mark.browser
def test_whose_session_ended_is_told_and_sees_the_row_as_it_was(
    live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    with watched_tab(browser, live_server.url, live.agent) as page:
        page.goto(queue_url(live.desk))
        cell = page.locator(row(page, 1)).locator("[data-edit=priority]")
        shown = cell.text_content()
        cell.get_by_role("button").click()
        expect(page.get_by_role("option").first).to_be_visible()
        page.context.clear_cookies(name="otklik_session")
        page.get_by_role("option").first.click()
        expect(said(page)).to_contain_text("сеанс закончился")
        expect(cell).to_have_text(shown or "")
