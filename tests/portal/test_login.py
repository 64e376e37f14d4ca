"""Logging in and out."""

import re
import time

import pytest
from django.core.cache import cache
from django.test import Client, override_settings

from otklik.people.models import Person
from tests.cast import PASSWORD, Cast
from tests.portal.helpers import as_, card, mailed, same

LOGIN = "/servicedesk/customer/user/login"
LOGOUT = "/servicedesk/customer/user/logout"
ANNA = {"login": "anna@clinic.test", "password": PASSWORD}


@pytest.fixture(autouse=True)
def no_throttle_yet(db: None) -> None:
    cache.clear()


def logged_in(client: Client) -> bool:
    return client.get("/servicedesk/customer/user/requests").status_code == 200


@pytest.mark.parametrize("login", ["anna@clinic.test", " Anna@CLINIC.test "])
def test_the_login_is_the_address_however_it_is_typed(cast: Cast, login: str) -> None:
    client = Client()
    assert client.post(LOGIN, {**ANNA, "login": login}).status_code == 302
    assert logged_in(client)


@pytest.mark.parametrize(
    ("query", "goal"),
    [
        ("?destination=portal%2F1", "/servicedesk/customer/portal/1"),
        ("?destination=portal%2F1%2Fgroup%2F4%2Fcreate%2F43", "/servicedesk/customer/portal/1/group/4/create/43"),
        ("?next=/servicedesk/customer/user/requests", "/servicedesk/customer/user/requests"),
        ("", "/"),
        *((f"?next={bad}", "/") for bad in ("//evil.test", "/\\evil.test", "https:evil.test", "javascript:alert(1)")),
        *((f"?next={bad}", "/") for bad in ("https://evil.test/", "%2f%2fevil.test", "///evil.test", "evil.test")),
        ("?destination=//evil.test", "/servicedesk/customer/evil.test"),
        ("?destination=https://evil.test", "/servicedesk/customer/https://evil.test"),
    ],
)
def test_ab_58_the_way_back_stays_on_this_site(cast: Cast, query: str, goal: str) -> None:
    assert Client().post(LOGIN + query, ANNA)["Location"] == goal
    form = Client().get(LOGIN + query).content.decode().split("panel-form")[1].split("</form>")[0]
    assert ("evil.test" in form) is ("evil.test" in goal)


def test_the_form_carries_the_way_back(cast: Cast) -> None:
    assert f'name="next" value="{card(cast)}"' in Client().get(f"{LOGIN}?next={card(cast)}").content.decode()
    assert Client().post(LOGIN, {**ANNA, "next": card(cast)})["Location"] == card(cast)


@pytest.mark.parametrize("address", ["/login.jsp", "/servicedesk/customer/user/signup"])
def test_jiras_other_doors_lead_to_the_login(cast: Cast, address: str) -> None:
    assert Client().get(f"{address}?destination=portal%2F1")["Location"] == f"{LOGIN}?destination=portal%2F1"


def test_a_portals_own_login_comes_back_to_it(cast: Cast) -> None:
    response = Client().get("/servicedesk/customer/portal/7/user/login")
    assert response["Location"] == f"{LOGIN}?destination=portal%2F7"
    given = Client().get("/servicedesk/customer/portal/7/user/login?destination=portal%2F7%2FX-1")
    assert given["Location"] == f"{LOGIN}?destination=portal%2F7%2FX-1"


def test_who_is_logged_in_goes_straight_on(cast: Cast) -> None:
    assert as_(cast.anna).get(f"{LOGIN}?next={card(cast)}")["Location"] == card(cast)


@pytest.mark.parametrize("wrong", [{"password": "не тот"}, {"login": "nobody@clinic.test"}])
def test_ab_31_a_wrong_password_and_an_unknown_address_look_alike(cast: Cast, wrong: dict[str, str]) -> None:
    client = Client()
    response = client.post(LOGIN, {**ANNA, **wrong})
    assert response.status_code == 422 and not logged_in(client)
    expected = Client().post(LOGIN, {**ANNA, "login": "nobody2@clinic.test"})
    typed = {**ANNA, **wrong}["login"]
    assert same(response).replace(typed, "") == same(expected).replace("nobody2@clinic.test", "")


@pytest.mark.parametrize("missing", ["login", "password"])
def test_errors_stand_at_their_field(cast: Cast, missing: str) -> None:
    response = Client().post(LOGIN, {**ANNA, missing: ""})
    assert response.status_code == 422 and f'id="id_{missing}_error"' in response.content.decode()


def test_ab_34_the_session_is_new_after_login_and_gone_after_logout(cast: Cast) -> None:
    client = Client()
    client.post(card(cast, "/comment"), {"comment": "makes a session"})
    before = client.cookies["otklik_session"].value
    client.post(LOGIN, ANNA)
    after = client.cookies["otklik_session"].value
    assert before != after
    stolen = Client()
    stolen.cookies["otklik_session"] = before
    assert not logged_in(stolen)
    client.post(LOGOUT)
    stolen.cookies["otklik_session"] = after
    assert not logged_in(stolen)


def test_ab_63_logging_out_clears_the_browser(cast: Cast) -> None:
    anna = as_(cast.anna)
    response = anna.post(LOGOUT)
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert not logged_in(anna)


def test_ab_56_a_link_logs_nobody_out(cast: Cast) -> None:
    anna = as_(cast.anna)
    assert anna.get(LOGOUT).status_code == 200 and logged_in(anna)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.anna)
    assert strict.post(LOGOUT).status_code == 403 and logged_in(strict)


def test_a_person_switched_off_is_told_so_and_stays_out(cast: Cast) -> None:
    Person.objects.filter(pk=cast.anna.pk).update(is_active=False)
    client = Client()
    response = client.post(LOGIN, ANNA, follow=True)
    assert response.status_code == 403 and "отключена" in response.content.decode()
    assert not logged_in(client)


@override_settings(PASSWORD_HASHERS=["otklik.people.hashers.Argon2"])
def test_ab_42_long_passwords_are_whole_and_longer_ones_cost_nothing(cast: Cast) -> None:
    long = "я" * 1024
    cast.anna.set_password(long)
    cast.anna.save()
    assert Client().post(LOGIN, {**ANNA, "password": long}).status_code == 302
    assert Client().post(LOGIN, {**ANNA, "password": long[:-1]}).status_code == 422
    begun = time.process_time()
    response = Client().post(LOGIN, {**ANNA, "password": "x" * 1_000_000})
    assert response.status_code == 422 and 'id="id_password_error"' in response.content.decode()
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize("password", ["\x00", "a\x00b", "\ud800"])
def test_ab_42_strange_characters_are_refused_not_crashed_on(cast: Cast, password: str) -> None:
    data = f"login=anna%40clinic.test&password={password.encode('utf-8', 'surrogatepass').hex('%')}"
    response = Client().post(
        LOGIN, data.replace("password=", "password=%"), content_type="application/x-www-form-urlencoded"
    )
    assert response.status_code == 422


def test_ab_38_guessing_is_slowed_down(cast: Cast) -> None:
    client = Client()
    for _ in range(5):
        client.post(LOGIN, {**ANNA, "password": "не тот"})
    assert client.post(LOGIN, ANNA).status_code == 422


def test_ab_96_a_forged_address_does_not_help_to_guess(cast: Cast) -> None:
    codes = [
        Client().post(LOGIN, {"login": f"u{n}@x.test", "password": "p"}, headers={"X-Forwarded-For": f"10.0.0.{n}"})
        for n in range(12)
    ]
    assert "Слишком много" in codes[-1].content.decode() or codes[-1].status_code == 429


def test_ab_38_the_owner_gets_in_by_a_mailed_code_while_somebody_guesses(cast: Cast) -> None:
    attacker, valid = Client(), as_(cast.anna)
    for _ in range(8):
        attacker.post(LOGIN, {**ANNA, "password": "не тот"})
    assert logged_in(valid), "a session that is there already is not touched"
    owner = Client()
    owner.post(f"{LOGIN}/code", {"email": "anna@clinic.test"})
    found = re.search(r"^([\d-]{8,})$", mailed("anna@clinic.test", "login_code").text, re.MULTILINE)
    assert found and owner.post(f"{LOGIN}/code/confirm", {"code": found.group(1)}).status_code == 302
    assert logged_in(owner)


@pytest.mark.parametrize(
    "address", ["/setup", "/install", "/getting_started", "/admin/", "/accounts/login/", "/wizard"]
)
def test_ab_41_there_is_no_installer_and_no_second_login(cast: Cast, address: str) -> None:
    assert Client().get(address, follow=True).status_code == 404
