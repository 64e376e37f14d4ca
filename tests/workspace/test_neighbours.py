"""From a request to the next and previous one of the list, and the keys of a request's page."""

import re

import pytest
from playwright.sync_api import Page, expect

from otklik.tickets.models import Ticket
from tests.cast import Cast, as_
from tests.workspace.helpers import queue_url, words_said
from tests.workspace.test_queue import more_tickets


def listed(cast: Cast) -> list[str]:
    more_tickets(cast, 2)
    return list(Ticket.objects.filter(desk=cast.desk).order_by("number").values_list("key", flat=True))


@pytest.mark.parametrize("by_filter", [False, True])
def test_one_goes_through_the_list_one_came_from(cast: Cast, by_filter: bool) -> None:
    first, second, third = listed(cast)
    agent = as_(cast.agent)
    url = "/issues/?jql=project+%3D+ACCREDO+ORDER+BY+key+ASC" if by_filter else f"{queue_url(cast.desk)}?sort=key"
    agent.get(url)
    assert agent.get(f"/browse/{first}/next")["Location"] == f"/browse/{second}"
    assert agent.get(f"/browse/{third}/previous")["Location"] == f"/browse/{second}"
    for key, way, said in ((third, "next", "последний"), (first, "previous", "первый")):
        end = agent.get(f"/browse/{key}/{way}")
        assert end["Location"] == url and said in " ".join(words_said(end)) and key in " ".join(words_said(end))


def test_a_request_that_left_the_list_is_followed_by_its_first(cast: Cast) -> None:
    first, second, third = listed(cast)
    agent = as_(cast.agent)
    agent.get("/issues/?jql=" + f"key in ({second}, {third}) ORDER BY key ASC".replace(" ", "+"))
    assert agent.get(f"/browse/{first}/next")["Location"] == f"/browse/{second}"
    assert agent.get(f"/browse/{first}/previous")["Location"].startswith("/issues/")


def test_ab_51_nobody_goes_on_from_a_request_of_another_desk(cast: Cast) -> None:
    assert as_(cast.agent_elsewhere).get(f"/browse/{cast.ticket.key}/next").status_code == 404
    assert as_(cast.anna).get(f"/browse/{cast.ticket.key}/previous").status_code == 404


@pytest.mark.browser
@pytest.mark.parametrize("layout", ["latin", "russian"])
def test_the_keys_of_a_requests_page(agents_page: Page, live: Cast, layout: str) -> None:
    first, second, _third = listed(live)
    agents_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    agents_page.goto(f"{queue_url(live.desk)}?sort=key")
    agents_page.goto(f"/browse/{first}")

    def press(code: str, russian: str) -> None:
        # As a browser reports the key: its place, and the letter of the layout.
        sign = russian if layout == "russian" else code.removeprefix("Key").lower()
        agents_page.evaluate(
            "([code, key]) => (document.activeElement || document.body).dispatchEvent("
            "new KeyboardEvent('keydown', {code, key, bubbles: true, cancelable: true}))",
            [code, sign],
        )

    def focused() -> str:
        return str(agents_page.evaluate("document.activeElement.id || document.activeElement.className"))

    for code, russian, there in (("KeyP", "з", "priority"), ("KeyL", "д", "labels"), ("KeyD", "в", "due")):
        press(code, russian)
        assert focused() == there
        agents_page.evaluate("document.activeElement.blur()")
    press("KeyS", "ы")
    assert "btn-move" in focused()
    agents_page.evaluate("document.activeElement.blur()")
    agents_page.evaluate("() => { const now = Date.now(); Date.now = () => now; }")  # a busy machine is no slow finger
    for expected in (first, f"{first} {live.ticket.subject}", f"/browse/{first}"):
        press("Period", "ю")
        agents_page.wait_for_function(
            "expected => navigator.clipboard.readText().then(text => text.endsWith(expected))", arg=expected
        )
    press("KeyJ", "о")
    expect(agents_page).to_have_url(re.compile(f"/browse/{second}$"))
    press("KeyK", "л")
    expect(agents_page).to_have_url(re.compile(f"/browse/{first}$"))
