"""Moving a ticket to another desk in Chromium: from the palette by keyboard, and on a phone without scripts."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from otklik.desks.commands.create import add_desk, set_role
from otklik.people.actor import system
from otklik.tickets.models import Ticket
from tests.browser import watched_tab
from tests.cast import START, Cast

pytestmark = pytest.mark.browser


@pytest.fixture
def both(live: Cast) -> Cast:
    """Return the cast, with the agent working at both desks."""
    set_role(actor=system("cli"), at=START, desk=live.other_desk, person=live.agent, role="agent")
    return live


def test_a_desk_that_is_chosen_shows_its_plan_which_moves(
    both: Cast, live_server: LiveServer, browser: Browser
) -> None:
    third = add_desk(actor=system("cli"), at=START, key="THIRD", name="Третья служба", address="third@desk.test")
    set_role(actor=system("cli"), at=START, desk=third, person=both.agent, role="agent")
    with watched_tab(browser, live_server.url, both.agent) as page:
        page.goto("/browse/ACCREDO-1/move")
        expect(page.locator("#move-plan button")).to_have_count(0)
        page.locator("#desk").select_option(str(third.pk))
        page.get_by_role("button", name="Перенести в «Третья служба»").click()
        page.wait_for_url("**/browse/THIRD-1")


def test_by_keyboard_from_the_palette_and_back(both: Cast, live_server: LiveServer, browser: Browser) -> None:
    with watched_tab(browser, live_server.url, both.agent) as page:
        page.goto("/browse/ACCREDO-1")
        page.keyboard.press("Control+k")
        page.wait_for_function("() => document.querySelector('#palette').dataset.ready")
        page.keyboard.type("перенести в другую")
        expect(page.locator("#palette-list [role=option]").first).to_contain_text("Перенести в другую службу")
        page.keyboard.press("Enter")
        page.wait_for_url("**/browse/ACCREDO-1/move")
        expect(page.locator("#desk")).to_be_focused()
        page.locator("#move-plan button.btn-primary").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/browse/OTHER-1")
        expect(page.locator(".undo-line")).to_contain_text("ACCREDO-1")
        page.locator(".undo-line button").click()
        page.wait_for_url("**/browse/ACCREDO-1")
    assert Ticket.objects.get(pk=both.ticket.pk).desk == both.desk


def test_on_a_telephone_without_scripts(both: Cast, live_server: LiveServer, browser: Browser) -> None:
    with watched_tab(
        browser, live_server.url, both.agent, viewport={"width": 390, "height": 800}, java_script_enabled=False
    ) as page:
        page.goto("/browse/ACCREDO-1/move")
        page.locator("#desk").select_option(str(both.other_desk.pk))
        page.get_by_role("button", name="Что произойдёт").click()
        expect(page.locator("#move-plan")).to_contain_text("Запрос получит следующий номер службы OTHER")
        wide = page.locator("#move-plan form").bounding_box()
        assert wide is not None and wide["x"] >= 0 and wide["x"] + wide["width"] <= 390
        page.locator("#move-plan button.btn-primary").click()
        page.wait_for_url("**/browse/OTHER-1")
