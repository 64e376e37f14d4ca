"""The palette: targets by input and reader, and the keyboard in both layouts."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from otklik.people.models import Phone
from tests.browser import watched_tab
from tests.cast import Cast, as_
from tests.everybody.test_pages import axe_finds


def goals(who: Any, typed: str) -> list[dict[str, str]]:
    return list(as_(who).get("/projects/go/palette", {"q": typed}).json()["goals"])


def labels(who: Any, typed: str) -> list[str]:
    return [goal["label"] for goal in goals(who, typed)]


@pytest.mark.parametrize("typed", ["1", "accredo-1", "ACCREDO-1", "№1", "фсскувщ-1"])
def test_a_request_is_found_by_its_number(cast: Cast, typed: str) -> None:
    (goal,) = goals(cast.agent, typed)
    assert goal["label"] == "ACCREDO-1" and goal["url"] == "/browse/ACCREDO-1" and goal["detail"] == cast.ticket.subject


@pytest.mark.parametrize("typed", ["анна", "fyyf", "Петр", "anna@clin", "912 345", "89123456789", "+7 912"])
def test_a_person_is_found_by_name_address_and_digits_of_a_phone(cast: Cast, typed: str) -> None:
    Phone.objects.create(person=cast.anna, number="+79123456789")
    (goal,) = [goal for goal in goals(cast.agent, typed) if goal["label"] == "Анна Петрова"]
    assert "anna@clinic.test" in goal["detail"] and "+7 912 345-67-89" in goal["detail"]
    answer = as_(cast.agent).get(goal["url"])
    assert [row.key for row in answer.context["page"].rows] == ["ACCREDO-1"]
    assert parse_qs(urlsplit(goal["url"]).query)["jql"][0].startswith('reporter = "anna@clinic.test"')


@pytest.mark.parametrize("typed", ["настройки стат", "статусы", "cnfnecs"])
def test_a_page_of_settings_is_found_by_those_who_may_open_it(cast: Cast, typed: str) -> None:
    found = [goal["url"] for goal in goals(cast.lead, typed)]
    assert found == ["/projects/ACCREDO/settings/statuses"] and as_(cast.lead).get(found[0]).status_code == 200
    assert labels(cast.agent, typed) == []


def test_admins_find_what_is_the_site_s(cast: Cast) -> None:
    (goal,) = goals(cast.admin, "главная стр")
    assert as_(cast.admin).get(goal["url"]).status_code == 200
    assert labels(cast.lead, "главная стр") == []


def test_ab_51_what_the_agent_may_not_see_is_not_found(cast: Cast) -> None:
    Phone.objects.create(person=cast.anna, number="+79123456789")
    for typed in ("1", "ACCREDO-1", "анна", "9123456789", "статусы"):
        assert labels(cast.agent_elsewhere, typed) == [], typed
    for who in (cast.anna, cast.boris, cast.stranger):
        assert as_(who).get("/projects/go/palette", {"q": "1"}).status_code == 404
    assert labels(cast.agent, "степ") == []
    assert labels(cast.agent, "а") == [], "one letter leafs through a directory"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "\0",
        "%",
        "'",
        "и" * 5000,
        "9" * 400,
        "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    ],
)
def test_any_letters_give_an_answer(cast: Cast, typed: str) -> None:
    assert goals(cast.agent, typed) == []


def opened(page: Page) -> Any:
    page.wait_for_function("() => document.querySelector('#palette').dataset.ready")
    page.keyboard.press("Control+KeyK")
    expect(page.locator("#palette-typed")).to_be_focused()
    return page.locator("#palette-list [role=option]")


@pytest.mark.browser
@pytest.mark.parametrize("typed", ["закр", "pfrh"])
def test_by_keyboard_in_both_layouts_a_queue_is_opened(
    live: Cast, live_server: LiveServer, browser: Browser, typed: str
) -> None:
    with watched_tab(browser, live_server.url, live.agent) as page:
        asked: list[str] = []
        page.goto("/issues/")
        page.wait_for_load_state("networkidle")
        page.on("request", lambda request: asked.append(request.url))
        options = opened(page)
        expect(options.first).to_be_visible()
        assert asked == []  # nothing needs the network before the first letters
        page.keyboard.type(typed)
        expect(options.first).to_contain_text("Закрытые")
        expect(page.locator("#palette-typed")).to_have_attribute("aria-activedescendant", "palette-0")
        page.keyboard.press("Enter")
        page.wait_for_url("**/queues/custom/*")
        expect(page.locator("h1")).to_contain_text("Закрытые")


@pytest.mark.browser
def test_acts_of_the_open_request_are_done_and_the_most_used_come_first(
    live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    with watched_tab(browser, live_server.url, live.agent) as page:
        page.goto(f"/browse/{live.ticket.key}")
        options = opened(page)
        page.keyboard.type("yfpyfx")  # «назнач»
        expect(options.first).to_contain_text("Назначить мне")
        page.keyboard.press("Enter")
        expect(page.locator("#assignee option:checked")).to_have_text("Глеб Орлов")
        opened(page)
        page.keyboard.type("приор")
        expect(options.first).to_contain_text("Приоритет")
        page.keyboard.press("Enter")
        expect(page.locator("#priority")).to_be_focused()
        opened(page)
        expect(options.first).to_contain_text("Приоритет")  # used before
        # Often used, and with a later word that begins so: not before what is called so.
        page.evaluate(OFTEN, "Назначенные мне")
        page.keyboard.type("мне")
        expect(options.first).to_contain_text("Назначенные мне")
        page.locator("#palette-typed").fill("м")
        expect(options.first.locator(".palette-label")).to_have_text(re.compile("^М"))
        page.keyboard.press("Escape")
        expect(page.locator("#priority")).to_be_focused()
        opened(page)
        page.keyboard.type("внутр")
        page.keyboard.press("Enter")
        expect(page.locator("input[data-writes=note_comment]")).to_be_checked()


OFTEN = """name => { const key = Object.keys(localStorage).find(key => key.startsWith("otklik.palette."));
  const queue = [...document.querySelectorAll("#sidebar a")].find(link => link.innerText.includes(name));
  const counts = JSON.parse(localStorage.getItem(key));
  localStorage.setItem(key, JSON.stringify({...counts, ["go " + queue.getAttribute("href")]: 50})); }"""
BUTTONS = """() => [...document.querySelectorAll("#content button, #content summary, #content label.composer-mode")]
  .filter(e => e.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true}) && !e.disabled)
  .filter(e => !e.closest("[role=toolbar]") && e.tabIndex !== -1)
  .map(e => (e.getAttribute("aria-label") || e.innerText || e.title).split(String.fromCharCode(10))[0].trim())"""


@pytest.mark.browser
def test_every_button_of_the_open_request_is_an_act(live: Cast, live_server: LiveServer, browser: Browser) -> None:
    with watched_tab(browser, live_server.url, live.agent) as page:
        page.goto(f"/browse/{live.ticket.key}")
        page.wait_for_load_state("load")
        names = dict.fromkeys(page.evaluate(BUTTONS))
        options = opened(page)
        assert len(names) > 8 and "Назначить мне" in names
        assert axe_finds(page, "palette") == []
        for name in names:
            page.locator("#palette-typed").fill(name)
            expect(options.filter(has_text=name).filter(has_text="На этой странице").first).to_be_visible()


@pytest.mark.browser
def test_a_person_is_reached_on_a_phone_and_the_palette_closes_to_where_one_was(
    live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    with watched_tab(browser, live_server.url, live.agent, viewport={"width": 390, "height": 800}) as page:
        page.goto("/issues/")
        page.wait_for_function("() => document.querySelector('#palette').dataset.ready")
        button = page.locator("[data-palette-open]")
        button.click()
        page.keyboard.press("Escape")
        expect(button).to_be_focused()
        button.click()
        page.keyboard.type("fyyf")
        option = page.locator("#palette-list [role=option]", has_text="Анна Петрова")
        expect(option).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        option.click()
        page.wait_for_url("**/issues/?jql=reporter*")
        expect(page.locator("#chip-0")).to_have_text("Заявитель: Анна Петрова")


@pytest.mark.browser
def test_switched_off_single_keys_leave_the_palette_and_a_link_in_the_composer_stays(
    live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    with watched_tab(browser, live_server.url, live.agent) as page:
        page.context.add_cookies([{"name": "otklik_keys", "value": "off", "url": live_server.url}])
        page.goto(f"/browse/{live.ticket.key}")
        opened(page)
        page.keyboard.press("Control+KeyK")
        expect(page.locator("#palette")).to_be_hidden()
        page.locator("#reply textarea").first.focus()
        page.keyboard.press("Control+KeyK")
        expect(page.locator("#palette")).to_be_hidden()


@pytest.mark.browser
def test_what_is_pressed_comes_before_fields_and_by_the_other_key_of_the_palette(
    live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    with watched_tab(browser, live_server.url, live.agent) as page:
        page.goto(f"/browse/{live.ticket.key}")
        page.wait_for_function("() => document.querySelector('#palette').dataset.ready")
        page.keyboard.press("Meta+KeyK")
        labels = page.locator("#palette-list .palette-label").all_inner_texts()
        assert labels[0] == "Взять в работу"
        assert labels.index("Взять в работу") < labels.index("Назначить мне") < labels.index("Приоритет"), labels
        expect(page.locator("#palette-typed")).to_have_attribute("aria-expanded", "true")
        expect(page.locator("[data-palette-status]")).to_have_text(re.compile(r"\d+"))


@pytest.mark.browser
def test_ab_63_what_somebody_used_goes_with_them(live: Cast, live_server: LiveServer, browser: Browser) -> None:
    kept = "JSON.stringify(Object.entries(localStorage).filter(([name]) => /palette|filter/.test(name)))"
    with watched_tab(browser, live_server.url, live.agent) as page:
        page.goto("/issues/")
        options = opened(page)
        page.keyboard.type("анна")
        options.filter(has_text="Анна Петрова").first.click()
        page.wait_for_url("**/issues/?jql=reporter*")
        assert "anna" in page.evaluate(kept)
        # A colleague at the same browser, after a session that nobody ended.
        mine = page.context.cookies()
        page.context.clear_cookies()
        session = as_(live.lead).cookies["otklik_session"]
        page.context.add_cookies([{"name": "otklik_session", "value": session.value, "url": live_server.url}])
        page.goto("/issues/")
        opened(page)
        assert "anna" not in page.evaluate(kept)
        page.keyboard.press("Escape")
        page.context.clear_cookies()
        page.context.add_cookies(mine)
        page.goto("/issues/")
        options = opened(page)
        page.keyboard.type("анна")
        options.filter(has_text="Анна Петрова").first.click()
        page.wait_for_url("**/issues/?jql=reporter*")
        assert "anna" in page.evaluate(kept)
        # Where the site has no TLS the browser does not obey Clear-Site-Data.
        page.route("**/user/logout", lambda route: route.fulfill(status=204))
        page.evaluate("document.querySelector('form[action$=\"/user/logout\"]').requestSubmit()")
        page.wait_for_function(f"() => {kept} === '[]'")
