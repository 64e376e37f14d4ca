"""Settings: people of a restricted request type, found by typing."""

import re

import pytest
from django.http import HttpResponse
from playwright.sync_api import Browser, Route, expect
from pytest_django.live_server_helper import LiveServer

from otklik.people.models import Organization
from otklik.workspace.forms.request_types import BOXES_AT_MOST
from tests.browser import watched_tab
from tests.cast import Cast
from tests.workspace.helpers import as_, page_of

SETTINGS = "/projects/ACCREDO/settings"
HTMX = {"HX-Request": "true"}


def types_of(cast: Cast) -> str:
    return f"{SETTINGS}/types/{cast.desk.request_types.order_by('position')[0].pk}"


def named(response: HttpResponse) -> list[str]:
    """Return the lines of the field «Люди»."""
    found = re.search(r'<textarea name="allowed_people"[^>]*>\n?([^<]*)</textarea>', page_of(response))
    assert found
    return found.group(1).split()


def button(response: HttpResponse, name: str) -> str:
    """Return what the button «Добавить» of this person or organization sends."""
    found = re.search(rf'<strong>{name}</strong>.*?<button[^>]* name="(\w+)" value="(\d+)"', page_of(response), re.S)
    assert found, name
    return f"{found.group(1)}={found.group(2)}"


@pytest.mark.parametrize("typed", ["петров", "anna@", "ANNA"])
def test_somebody_is_found_by_name_or_address_and_chosen(cast: Cast, typed: str) -> None:
    lead, address = as_(cast.lead), types_of(cast)
    words = {"name": "Ошибка!", "icon": "key", "help": "слова", "allowed_people": "boris@clinic.test", "find": typed}
    found = lead.post(f"{address}/allow", words)
    assert found.status_code == 200 and "Ошибка!" in page_of(found) and "слова" in page_of(found)
    key, _is, value = button(found, cast.anna.display_name).partition("=")
    chosen = lead.post(f"{address}/allow", {**words, key: value})
    assert named(chosen) == ["boris@clinic.test", "anna@clinic.test"]
    assert re.search(r'name="restricted"[^>]* checked', page_of(chosen))
    assert 'id="found"' in page_of(chosen) and f"{cast.anna.display_name} теперь в списке" in page_of(chosen)
    kind = cast.desk.request_types.order_by("position")[0]
    assert kind.name == "Ошибка" and not kind.allowed_people.exists()


def test_an_organisation_is_found_and_ticked(cast: Cast) -> None:
    clinic = Organization.objects.create(name="Клиника № 5")
    lead, words = as_(cast.lead), {"name": "Новый", "icon": "key", "find": "клиник"}
    found = lead.post(f"{SETTINGS}/types/0/allow", words)
    assert button(found, "Клиника № 5") == f"add_organization={clinic.pk}"
    chosen = lead.post(f"{SETTINGS}/types/0/allow", {**words, "add_organization": clinic.pk})
    assert re.search(rf'name="allowed_organizations" value="{clinic.pk}"[^>]* checked', page_of(chosen))
    words |= {"restricted": "on", "allowed_organizations": clinic.pk, "find": ""}
    assert lead.post(f"{SETTINGS}/types/add", words).status_code == 302
    assert cast.desk.request_types.get(name="Новый").allowed_organizations.get() == clinic


def test_of_many_organisations_only_the_ticked_ones_stand_there(cast: Cast) -> None:
    rows = [Organization.objects.create(name=f"Клиника {n}") for n in range(BOXES_AT_MOST + 1)]
    cast.desk.request_types.order_by("position")[0].allowed_organizations.set(rows[:1])
    lead = as_(cast.lead)
    page = page_of(lead.get(types_of(cast)))
    assert page.count('name="allowed_organizations"') == 1 and f'value="{rows[0].pk}"' in page
    words = {"name": "Ошибка", "icon": "key", "allowed_organizations": [rows[3].pk, "x", ""]}
    page = page_of(lead.post(f"{types_of(cast)}/allow", words))
    assert page.count('name="allowed_organizations"') == 1 and f'value="{rows[3].pk}"' in page
    rows[3].delete()
    assert "Клиника 0" in page_of(lead.get(types_of(cast)))


def test_enter_in_the_box_searches_and_saves_nothing(cast: Cast) -> None:
    lead, words = as_(cast.lead), {"name": "Иначе", "icon": "key", "find": "петров", "enter": "1"}
    for address in (types_of(cast), f"{SETTINGS}/types/add"):
        assert button(lead.post(address, words), cast.anna.display_name) == f"add_person={cast.anna.pk}"
    assert not cast.desk.request_types.filter(name="Иначе").exists()
    assert lead.post(types_of(cast), {**words, "find": ""}).status_code == 302
    assert cast.desk.request_types.filter(name="Иначе").exists()


def test_a_script_gets_the_part_that_changes(cast: Cast) -> None:
    lead, words = as_(cast.lead), {"name": "Ошибка", "icon": "key", "find": "петров"}
    found = page_of(lead.post(f"{types_of(cast)}/allow", words, headers=HTMX))
    assert found.startswith('<div id="found"') and "Добавить" in found
    chosen = page_of(lead.post(f"{types_of(cast)}/allow", {**words, "add_person": cast.anna.pk}, headers=HTMX))
    assert chosen.startswith('<div id="allowed"') and "autofocus" in chosen
    nobody = page_of(lead.post(f"{types_of(cast)}/allow", {**words, "find": "zzz"}, headers=HTMX))
    assert "Никого похожего" in nobody


def test_ab_47_a_lead_finds_only_people_of_the_own_desks(cast: Cast) -> None:
    lead, words = as_(cast.lead), {"name": "Ошибка", "icon": "key", "find": "a@"}
    cast.stranger.name = "Иван Чужой"
    cast.stranger.save()
    for typed in ("чужой", str(cast.stranger.email)):
        assert "add_person" not in page_of(lead.post(f"{types_of(cast)}/allow", {**words, "find": typed}))
    for number in (cast.stranger.pk, "x", "9" * 30, ""):
        assert named(lead.post(f"{types_of(cast)}/allow", {**words, "add_person": number})) == []
    other = cast.other_desk.request_types.all()[0]
    assert lead.post(f"{SETTINGS}/types/{other.pk}/allow", words).status_code == 404
    assert as_(cast.agent).post(f"{types_of(cast)}/allow", words).status_code == 404


@pytest.mark.browser
def test_by_keyboard_several_are_found_and_named(live: Cast, live_server: LiveServer, browser: Browser) -> None:
    with watched_tab(browser, live_server.url, live.lead) as page:
        page.goto(types_of(live))
        page.get_by_label("Название", exact=True).fill("Для своих")
        box, people = page.locator("#id_find"), page.locator("#id_allowed_people")
        for typed, address in (("петров", "anna@clinic.test"), ("щукин", "boris@clinic.test")):
            box.press_sequentially(typed)
            add = page.locator("#found").get_by_role("button", name="Добавить")
            expect(page.locator("#found")).to_contain_text(address)
            page.keyboard.press("Tab")
            expect(add).to_be_focused()
            page.keyboard.press("Enter")
            expect(people).to_have_value(re.compile(address))
            expect(box).to_be_focused()
            expect(box).to_have_value("")
        expect(page.get_by_label("Название", exact=True)).to_have_value("Для своих")
        expect(page.get_by_label("Только для организаций")).to_be_checked()
        box.press_sequentially("zzz")
        with page.expect_navigation():  # typing alone finds nobody in the page that is left
            box.press("Enter")
        expect(page.locator("#found")).to_contain_text("Никого похожего")
        expect(page.get_by_label("Название", exact=True)).to_have_value("Для своих")
        box.fill("")
        page.get_by_label("Название", exact=True).press("Enter")
        page.wait_for_url("**/settings/types")
    kind = live.desk.request_types.get(name="Для своих")
    assert kind.restricted and set(kind.allowed_people.all()) == {live.anna, live.boris}


@pytest.mark.browser
def test_an_answer_that_comes_late_leaves_the_focus_on_its_button(
    live: Cast, live_server: LiveServer, browser: Browser
) -> None:
    with watched_tab(browser, live_server.url, live.lead) as page:
        page.goto(types_of(live))
        page.locator("#id_find").press_sequentially("петр")
        add = page.locator("#found").get_by_role("button", name="Добавить")
        expect(add).to_be_visible()
        held: list[Route] = []
        page.route("**/allow", lambda route: held.append(route))
        page.keyboard.type("ов")
        while not held:
            page.wait_for_timeout(50)
        page.keyboard.press("Tab")
        expect(add).to_be_focused()
        old = add.element_handle()
        held[0].continue_()
        page.wait_for_function("button => !button.isConnected", arg=old)
        expect(add).to_be_focused()
