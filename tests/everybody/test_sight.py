"""The version for the visually impaired: one click away everywhere, remembered, and without scripts."""

import re

import pytest
from django.test import Client

from otklik.core.low_vision import COOKIE, OPTIONS, Sight, unpacked
from tests.cast import PASSWORD, Cast

SWITCH = "/servicedesk/customer/user/sight"
LOGIN = "/servicedesk/customer/user/login"


def classes(client: Client, path: str, status: int = 200) -> str:
    """Return the classes of <html>."""
    answer = client.get(path, follow=True)
    assert answer.status_code == status
    found = re.search(r'<html[^>]* class="([^"]*)"', answer.content.decode())
    return found[1] if found else ""


def test_a_choice_survives_packing() -> None:
    for name, values in OPTIONS.items():
        for value in values:
            chosen = Sight().changed(name, value)
            assert unpacked(chosen.packed) == chosen and f"{name}-{value}" in chosen.css and chosen.on


@pytest.mark.parametrize(
    "word", ["", "1", "2-125-white-normal-normal-sans-shown", '1-1">-x-x-x-x-x', "1-" * 6, "x" * 500]
)
def test_anything_else_is_the_usual_version(word: str) -> None:
    assert unpacked(word) == Sight() and unpacked(word).css == ""


def test_no_option_is_set_to_what_it_cannot_be() -> None:
    assert Sight().changed("size", "900") == Sight() and Sight().changed("on", "125") == Sight()


@pytest.mark.parametrize(
    "page", ["/servicedesk/customer/portals", LOGIN, "/servicedesk/customer/user/requests", "/browse/ACCREDO-1"]
)
def test_every_page_carries_the_switch(cast: Cast, page: str) -> None:
    client = Client()
    if "user/login" not in page:
        client.force_login(cast.agent)
    shown = client.get(page).content.decode()
    assert f'action="{SWITCH}"' in shown and "Версия для слабовидящих" in shown and "sight.css" not in shown


def test_one_click_and_back_to_the_page(cast: Cast) -> None:
    client = Client()
    answer = client.post(SWITCH, {"sight": "on", "next": "/servicedesk/customer/portal/1?a=1"})
    assert answer.status_code == 302 and answer.headers["Location"] == "/servicedesk/customer/portal/1?a=1"
    assert classes(client, "/servicedesk/customer/portals").startswith("sight size-125 scheme-white")
    client.post(SWITCH, {"scheme": "black"})
    client.post(SWITCH, {"size": "200"})
    assert "size-200 scheme-black" in classes(client, LOGIN)
    assert "size-200 scheme-black" in classes(client, "/servicedesk/customer/nothing", 404)
    client.post(SWITCH, {"sight": "off"})
    assert classes(client, LOGIN) == ""
    client.post(SWITCH, {"sight": "on"})
    assert "size-200 scheme-black" in classes(client, LOGIN)
    client.post(SWITCH, {"sight": "reset"})
    assert "size-125 scheme-white" in classes(client, LOGIN)


@pytest.mark.parametrize(
    "goal", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example", "evil"]
)
def test_ab_50_back_leads_nowhere_else(db: None, goal: str) -> None:
    assert Client().post(SWITCH, {"sight": "on", "next": goal}).headers["Location"] == SWITCH


def test_the_profile_keeps_it_on_another_machine_and_after_the_logout(cast: Cast) -> None:
    first, second = Client(), Client()
    first.force_login(cast.anna)
    first.post(SWITCH, {"scheme": "blue"})
    second.post(LOGIN, {"login": "anna@clinic.test", "password": PASSWORD})
    assert "scheme-blue" in classes(second, "/servicedesk/customer/user/requests")
    second.post("/servicedesk/customer/user/logout")
    assert "scheme-blue" in classes(second, LOGIN)


def test_a_choice_made_before_the_login_stays(cast: Cast) -> None:
    client = Client()
    client.post(SWITCH, {"scheme": "brown"})
    client.post(LOGIN, {"login": "anna@clinic.test", "password": PASSWORD})
    assert "scheme-brown" in classes(client, "/servicedesk/customer/user/requests")


def test_a_script_gets_the_classes_and_stays(db: None) -> None:
    answer = Client().post(SWITCH, {"lines": "wide"}, headers={"X-Sight": "1"})
    assert answer.status_code == 200 and "lines-wide" in answer.content.decode()
    assert answer.cookies[COOKIE]["httponly"] and answer.cookies[COOKIE]["samesite"] == "Lax"
