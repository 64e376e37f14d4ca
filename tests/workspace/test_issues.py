"""The filter page: Jira's search URLs, results, and errors in the text."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db.models import Func, IntegerField, Value
from django.db.models.lookups import Exact
from playwright.sync_api import Browser, CDPSession, expect
from pytest_django.live_server_helper import LiveServer

from otklik.tickets.models import Ticket
from otklik.workspace.pages import issues
from tests.browser import watched_tab
from tests.cast import NOTE_CANARY, Cast, as_
from tests.statement_caps import statements_at_most

FROM_JIRA = (
    "project = ACCREDO AND statusCategory != Done AND (assignee is EMPTY OR updated <= -2d)"
    " ORDER BY priority DESC, created ASC"
)


def at(text: str) -> str:
    return f"/issues/?jql={quote(text)}"


def more_tickets(cast: Cast, count: int) -> None:
    for number in range(2, count + 2):
        ticket = Ticket.objects.get(pk=cast.ticket.pk)
        ticket.pk, ticket.number, ticket.key, ticket.subject = None, number, f"ACCREDO-{number}", f"Принтер {number}"
        ticket.save()


def test_a_filter_from_jira_is_answered(cast: Cast) -> None:
    page = as_(cast.agent).get(at(FROM_JIRA))
    assert page.status_code == 200
    assert [row.key for row in page.context["page"].rows] == ["ACCREDO-1"]
    assert FROM_JIRA in page.context["page"].jql


@pytest.mark.parametrize(
    "old", ["/issues?jql=", "/secure/IssueNavigator.jspa?jqlQuery=", "/secure/IssueNavigator.jspa?jql="]
)
def test_older_addresses_of_a_search_lead_there(cast: Cast, old: str) -> None:
    answer = as_(cast.agent).get(old + quote("project = ACCREDO"))
    assert answer.status_code == 302 and answer["Location"] == "/issues/?jql=project+%3D+ACCREDO"
    assert as_(cast.agent).get("/secure/IssueNavigator.jspa?reset=true")["Location"] == "/issues/"


def test_a_mistake_is_shown_at_its_place_and_the_text_stays(cast: Cast) -> None:
    text = "project = ACCREDO and assigne = '<b>'"
    page = as_(cast.agent).get(at(text))
    body = page.content.decode()
    assert page.status_code == 422 and "<mark>assigne</mark>" in body and "«assignee»" in body
    assert "= &#x27;&lt;b&gt;&#x27;</code>" in body and "<b>" not in body


@pytest.mark.parametrize(
    "text",
    [
        "\0",
        "a = \ud800".encode("utf-8", "replace").decode(),
        "(" * 3000,
        "status = 'x",
        "и" * 2001,
        *(rf'{field} "\{sign}"' for sign in ("ud800", "u0000") for field in ("labels =", "key =", "a =", "text ~")),
        'summary ~ "\\"\\""',
    ],
)
def test_any_text_gives_a_page(cast: Cast, text: str) -> None:
    assert as_(cast.agent).get("/issues/", {"jql": text}).status_code in (200, 422)


def test_ab_51_only_tickets_of_the_reader_s_desks_are_found(cast: Cast) -> None:
    for text in (
        "",
        "key is not EMPTY",
        "key is EMPTY or project = OTHER or not project = OTHER",
        f"text ~ '{NOTE_CANARY}'",
    ):
        page = as_(cast.agent_elsewhere).get(at(text))
        assert "ACCREDO-1" not in page.content.decode().replace(f"{text}", ""), text
    for who in (cast.anna, cast.boris, cast.stranger):
        assert as_(who).get(at("key is not EMPTY")).status_code == 404


def test_the_page_asks_for_names_once_for_its_list_and_its_chips(cast: Cast) -> None:
    text = "project = ACCREDO AND status in (Открытый, Закрыт) AND priority >= Высокий AND assignee = agent@desk.test"
    client = as_(cast.agent)
    client.get(at(text))
    with statements_at_most("filter page"):
        assert len(client.get(at(text)).context["page"].bar.chips) == 4


def test_pages_keep_the_filter(cast: Cast) -> None:
    more_tickets(cast, issues.PER_PAGE + 5)
    text = "summary ~ принтер ORDER BY key ASC"
    page = as_(cast.agent).get(at(text))
    assert page.context["page"].pages.total == issues.PER_PAGE + 5
    second = as_(cast.agent).get(at(text) + "&page=2").context["page"]
    assert [row.key for row in second.rows][-1] == f"ACCREDO-{issues.PER_PAGE + 6}" and len(second.rows) == 5
    assert "page=2" in page.content.decode()


def test_what_takes_too_long_is_said_and_the_text_kept(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issues, "_LIMIT", timedelta(milliseconds=50))
    five_seconds = Func(Value(5), template="length(pg_sleep(%(expressions)s)::text)", output_field=IntegerField())
    slow = Ticket.objects.filter(Exact(five_seconds, Value(0)))
    monkeypatch.setattr(issues, "find", lambda *_: slow)
    page = as_(cast.agent).get(at("project = ACCREDO"))
    assert page.status_code == 422
    assert "слишком много времени" in page.content.decode() and page.context["page"].jql == "project = ACCREDO"


def test_where_counting_takes_too_long_there_are_more(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issues, "_total", lambda *_: None)
    text = "project = ACCREDO ORDER BY key ASC"
    pages = as_(cast.agent).get(at(text)).context["page"].pages
    assert (pages.total_words, pages.more) == ("1", False)
    more_tickets(cast, issues.PER_PAGE + 5)
    pages = as_(cast.agent).get(at(text)).context["page"].pages
    assert pages.total_words == f"{issues.PER_PAGE + 1}+" and [link.label for link in pages.pages][-1] == "›"
    second = as_(cast.agent).get(at(text) + "&page=2").context["page"]
    assert len(second.rows) == 6 and second.pages.total_words == f"{issues.PER_PAGE + 6}"
    # Beyond an end that was not counted the first page stands.
    assert len(as_(cast.agent).get(at(text) + "&page=9").context["page"].rows) == issues.PER_PAGE


def test_counting_has_a_time_of_its_own(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issues, "_COUNT_LIMIT", timedelta(milliseconds=50))
    five_seconds = Func(Value(5), template="length(pg_sleep(%(expressions)s)::text)", output_field=IntegerField())
    assert issues._total(Ticket.objects.filter(Exact(five_seconds, Value(0))), 1) is None
    assert issues._total(Ticket.objects.all(), 1) == 1


@pytest.mark.browser
def test_by_keyboard_a_mistake_is_mended_and_tickets_found(
    live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    with watched_tab(browser, live_server.url, live.agent) as page:
        page.goto("/issues/")
        box = page.locator("#id_jql")
        expect(box).to_be_focused()
        page.keyboard.type("project = ACREDO")
        page.keyboard.press("Enter")
        expect(page.locator("#id_jql-mistake")).to_contain_text("«ACCREDO»")
        expect(box).to_have_value("project = ACREDO")
        expect(box).to_have_attribute("aria-describedby", "id_jql-mistake")
        box.fill("project = ACCREDO")
        page.keyboard.press("Shift+Enter")
        page.keyboard.type("AND статус = Открытый")
        expect(box).to_have_value("project = ACCREDO\nAND статус = Открытый")
        page.keyboard.press("Enter")
        expect(page.locator("[data-rows] .key")).to_have_text(re.compile("ACCREDO-1"))


@pytest.mark.browser
def test_what_may_come_next_is_chosen_by_keyboard(live: Cast, live_server: LiveServer, browser: Browser) -> None:
    with watched_tab(browser, live_server.url, live.agent) as page:
        page.goto("/issues/")
        box, offers = page.locator("#id_jql"), page.locator("#id_jql-offers [role=option]")
        expect(box).to_have_attribute("role", "combobox")
        page.keyboard.type("стат")
        expect(offers.first).to_have_text("статус")
        expect(box).to_have_attribute("aria-expanded", "true")
        page.keyboard.press("ArrowDown")
        expect(box).to_have_attribute("aria-activedescendant", "id_jql-offers-0")
        page.keyboard.press("Enter")
        expect(box).to_have_value("статус ")
        page.keyboard.type("= откр")
        expect(offers).to_have_text(["Открытый"])
        offers.first.click()
        expect(box).to_have_value("статус = Открытый ")
        expect(box).to_be_focused()
        expect(offers.first).to_have_text("AND")
        page.keyboard.press("Escape")
        expect(offers).to_have_count(0)
        page.keyboard.press("Enter")
        expect(page.locator("[data-rows] .key")).to_have_text(re.compile("ACCREDO-1"))


@pytest.mark.browser
def test_what_may_come_next_is_told_to_screen_readers(live: Cast, live_server: LiveServer, browser: Browser) -> None:
    """According to Chromium's accessibility tree."""
    with watched_tab(browser, live_server.url, live.agent) as page:
        page.goto("/issues/")
        tree = page.context.new_cdp_session(page)
        box, offers = page.locator("#id_jql"), page.locator("#id_jql-offers [role=option]")
        page.keyboard.type("с")
        expect(page.locator("#id_jql-offers-said")).to_have_text(re.compile(r"^Варианты: \d+$"))
        assert told(tree, "combobox") == {
            "name": "Какие запросы, на языке фильтров", "expanded": True, "autocomplete": "list",
            "hasPopup": "listbox", "controls": ["id_jql-offers"], "activedescendant": None,
        }  # fmt: skip
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        assert told(tree, "combobox")["activedescendant"] == ["id_jql-offers-1"]
        assert [one["selected"] for one in every(tree, "option")][:3] == [False, True, False]
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")  # from the first to the last
        assert told(tree, "combobox")["activedescendant"] == [f"id_jql-offers-{offers.count() - 1}"]
        page.keyboard.press("Home")  # in the text, as in every box
        assert box.evaluate("(box) => box.selectionStart") == 0
        page.keyboard.press("End")
        page.keyboard.press("Escape")
        assert told(tree, "combobox")["expanded"] is False and offers.count() == 0
        expect(page.locator("#id_jql-offers-said")).to_have_text("")
        # Enter ends the composing of an input method and takes nothing.
        page.keyboard.type("т")
        expect(offers.first).to_be_visible()
        page.keyboard.press("ArrowDown")
        tree.send("Input.imeSetComposition", {"text": "ат", "selectionStart": 2, "selectionEnd": 2})
        tree.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "Process", "windowsVirtualKeyCode": 229})
        tree.send("Input.insertText", {"text": "ат"})
        expect(box).to_have_value("стат")
        expect(box).not_to_have_attribute("aria-activedescendant", re.compile("."))  # offered anew
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        expect(box).to_have_value("статус ")
        expect(box).to_be_focused()
        page.keyboard.press("Escape")
        page.keyboard.press("Tab")
        expect(box).not_to_be_focused()


def every(tree: CDPSession, role: str) -> list[dict[str, Any]]:
    """What the accessibility tree says of all nodes of this role: names, states, ids of related elements."""
    nodes = tree.send("Accessibility.getFullAXTree")["nodes"]
    return [_facts(node) for node in nodes if not node["ignored"] and node["role"]["value"] == role]


def told(tree: CDPSession, role: str) -> dict[str, Any]:
    (one,) = every(tree, role)
    return {"activedescendant": None, **{name: one[name] for name in one if name in _OF_BOXES}}


_OF_BOXES = {"name", "expanded", "autocomplete", "hasPopup", "controls", "activedescendant"}


def _facts(node: dict[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {"name": node["name"]["value"]}
    for fact in node.get("properties", []):
        value = fact["value"]
        nodes = value.get("relatedNodes")
        facts[fact["name"]] = [one.get("idref", "") for one in nodes] if nodes else value.get("value")
    return facts


@pytest.mark.browser
def test_what_may_come_next_is_chosen_with_the_keyboard_in_the_other_layout(
    live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    with watched_tab(browser, live_server.url, live.agent) as page:
        page.goto("/issues/")
        box, offers = page.locator("#id_jql"), page.locator("#id_jql-offers [role=option]")
        for typed, label, text in (
            ("cnfne", "статус", "статус "),
            ("= pfrhs", "Закрыт", "статус = Закрыт "),
            ("щк", "OR", "статус = Закрыт OR "),
            ("bcgjk", "исполнитель", "статус = Закрыт OR исполнитель "),
            ("= сгкк", "currentUser()", "статус = Закрыт OR исполнитель = currentUser() "),
        ):
            page.keyboard.type(typed)
            expect(offers.first).to_have_text(label)
            page.keyboard.press("ArrowDown")
            expect(box).to_have_attribute("aria-activedescendant", "id_jql-offers-0")
            page.keyboard.press("Tab")
            expect(box).to_have_value(text)
        page.keyboard.press("Escape")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("Фильтр")


@pytest.mark.browser
def test_the_wrong_word_is_selected_to_be_typed_anew(live: Cast, live_server: LiveServer, browser: Browser) -> None:
    with watched_tab(browser, live_server.url, live.agent) as page:
        page.goto(at("project = ACCREDO AND статус = 'В роботе' ORDER BY key"))
        expect(page.locator("#id_jql-mistake mark")).to_have_text("'В роботе'")
        expect(page.locator("#id_jql")).to_be_focused()
        page.keyboard.type("Открытый")
        expect(page.locator("#id_jql")).to_have_value("project = ACCREDO AND статус = Открытый ORDER BY key")


def test_ab_51_what_may_come_next_is_for_agents(cast: Cast) -> None:
    offered = as_(cast.agent).get("/issues/suggest", {"jql": "status = отк", "at": "12"}).json()
    assert offered == {"begin": 9, "options": [{"label": "Открытый", "insert": "Открытый"}]}
    assert as_(cast.anna).get("/issues/suggest", {"jql": "", "at": "0"}).status_code == 404
    for at in ("", "x", "-1", "9" * 40, "²"):
        assert as_(cast.agent).get("/issues/suggest", {"jql": "status = \0", "at": at}).status_code == 200


def test_a_condition_is_taken_out_of_the_filter_by_its_chip(cast: Cast) -> None:
    text = "project = ACCREDO and (labels = x or labels = y) ORDER BY key"
    page = as_(cast.agent).get(at(text)).context["page"]
    assert [chip.words for chip in page.bar.chips] == ["Служба: Аккредитация", "Метки: x, y"]
    assert page.rows == []
    answer = as_(cast.agent).get("/issues/chip", {"jql": text, "out": "1"}, follow=True)
    without = answer.context["page"]
    assert without.jql == "project = ACCREDO ORDER BY key" and [row.key for row in without.rows] == ["ACCREDO-1"]
    answer = as_(cast.agent).get("/issues/chip", {"jql": "project = ACCREDO", "out": "0"}, follow=True)
    assert answer.context["page"].jql == "" and answer.context["page"].bar.chips == []
