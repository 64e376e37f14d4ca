"""On a phone ten tickets fit on a screen, and the whole row is a link (walk 23)."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Ticket
from tests.browser import watched_tab
from tests.cast import START, Cast

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
SUBJECT = "Не приходит код подтверждения на рабочую почту отделения, хотя вчера приходил"
WHOLE = """() => [...document.querySelectorAll("[data-rows] tbody tr")].map(row => row.getBoundingClientRect())
  .filter(box => box.bottom <= innerHeight).map(box => box.height)"""


def many(cast: Cast) -> None:
    """Create a dozen tickets with long subjects; the last one is unread, held and undelivered."""
    kind = cast.desk.request_types.order_by("position")[0]
    for number in range(12):
        made = open_ticket(
            actor=Actor(cast.anna, "portal"), at=START, desk=cast.desk, channel=Ticket.Channel.PORTAL,
            subject=f"{number}. {SUBJECT}", words=Words("Слова"), requester=cast.anna, request_type=kind,
        )  # fmt: skip
    Ticket.objects.filter(pk=made.pk).update(undelivered_at=START, sender_unverified=True)


@contextmanager
def phone(browser: Browser, address: str, who: Person, **more: bool) -> Iterator[Page]:
    with watched_tab(browser, address, who, viewport=PHONE, has_touch=True, **more) as page:
        yield page


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("whose", ["anna", "agent"])
def test_ten_requests_stand_on_a_screen(
    live: Cast, live_server: LiveServer, browser: Browser, whose: str, scripts: bool
) -> None:
    many(live)
    queue = live.desk.queues.get(name="Все открытые")
    address = (
        "/servicedesk/customer/user/requests" if whose == "anna" else f"/projects/ACCREDO/queues/custom/{queue.pk}"
    )
    with phone(browser, live_server.url, getattr(live, whose), java_script_enabled=scripts) as page:
        page.goto(address)
        heights = page.evaluate(WHOLE)
        assert len(heights) >= 10 and min(heights) >= 44
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        row = page.locator("[data-rows] tbody tr").first
        expect(row.locator(".status")).to_be_visible()
        expect(row.get_by_role("link", name="ACCREDO-13", exact=True)).to_be_visible()
        box = row.bounding_box()
        assert box is not None
        # Anywhere in the row, without a script, too.
        page.touchscreen.tap(box["x"] + 170, box["y"] + box["height"] - 6)
        page.wait_for_url("**/ACCREDO-13")


def test_a_request_takes_two_lines_of_the_narrowest_telephone(
    live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    many(live)
    with watched_tab(browser, live_server.url, live.anna, viewport={"width": 320, "height": 844}) as page:
        page.goto("/servicedesk/customer/user/requests")
        assert max(page.evaluate(WHOLE)) <= 60
        cut = "() => [...document.querySelectorAll('.list-cards :is(.status, .key, .updated)')]"
        assert page.evaluate(f"({cut})().every(part => part.scrollWidth <= part.clientWidth + 1)")
        assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_the_tabs_of_the_settings_take_one_row_and_show_the_present_one(
    live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    with phone(browser, live_server.url, live.lead) as page:
        page.goto("/projects/ACCREDO/settings/history")
        box, here = page.locator(".settings-tabs").bounding_box(), page.locator(".settings-tabs .active").bounding_box()
        assert box is not None and here is not None
        assert box["height"] <= 60 and here["x"] >= 0 and here["x"] + here["width"] <= 390 and here["height"] >= 44
