"""Sessions: list, lifetime, logout."""

import time

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from otklik.people.models import LoginSession, Person
from otklik.portal.pages.security import browser_name
from otklik.ui.sessions import KEY
from tests.cast import Cast
from tests.portal.helpers import as_, logged_in

PROFILE = "/servicedesk/customer/user/profile"
REQUESTS = "/servicedesk/customer/user/requests"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0"
HOUR, DAY = 3600.0, 86_400.0


@pytest.fixture(autouse=True)
def no_throttle_yet(db: None) -> None:
    cache.clear()


def alive(client: Client) -> bool:
    return client.get(REQUESTS).status_code == 200


def aged(person: Person, *, seen: float = 0.0, since: float = 0.0) -> Client:
    """Return a client whose session was last used `seen` and begun `since` seconds ago."""
    client = as_(person)
    assert alive(client)
    session = client.session
    session[KEY] = {**session[KEY], "seen": time.time() - seen, "since": time.time() - since}
    session.save()
    return client


def test_the_list_names_devices_and_this_one(cast: Cast) -> None:
    here, there = as_(cast.anna), Client(headers={"User-Agent": FIREFOX})
    there.force_login(cast.anna)
    there.get(REQUESTS)
    page = here.get(f"{PROFILE}/security").content.decode()
    assert page.count("это устройство") == 1 and "Firefox, Windows" in page and "127.0.0.1" in page
    assert as_(cast.boris).get(f"{PROFILE}/security").content.decode().count('class="own-row"') == 1


def test_a_login_from_before_the_backend_had_its_name_goes_on(cast: Cast) -> None:
    client = as_(cast.anna)
    assert alive(client)
    session = client.session
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session.save()
    assert alive(client)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.RemoteUserBackend"
    session.save()
    assert not alive(client)


def test_one_session_is_ended_from_another(cast: Cast) -> None:
    here, there = as_(cast.anna), as_(cast.anna)
    assert alive(there) and alive(here)
    row = LoginSession.objects.get(session_key=there.session.session_key)
    assert as_(cast.boris).post(f"{PROFILE}/sessions/{row.pk}/end").status_code == 404
    assert here.post(f"{PROFILE}/sessions/{row.pk}/end").status_code == 302
    assert alive(here) and not alive(there)


def test_out_everywhere_but_here(cast: Cast) -> None:
    here, others = as_(cast.anna), [as_(cast.anna) for _ in range(3)]
    stranger = as_(cast.stranger)
    for client in (here, stranger, *others):
        assert alive(client)
    here.post(f"{PROFILE}/sessions/end")
    assert alive(here) and alive(stranger) and not any(alive(client) for client in others)


def test_a_new_password_ends_the_other_sessions_and_forgets_them(cast: Cast) -> None:
    here, there = logged_in(cast.anna), as_(cast.anna)
    assert alive(there)
    new = {"oldpassword": "сирень-цветёт-в-мае", "password1": "облако в штанах", "password2": "облако в штанах"}
    here.post(f"{PROFILE}/password", new)
    assert alive(here) and not alive(there)
    assert LoginSession.objects.filter(person=cast.anna).count() == 1


@pytest.mark.parametrize(
    ("who", "times", "lives"),
    [
        ("agent", {"seen": 59 * 60}, True),
        ("agent", {"seen": 61 * 60}, False),
        ("agent", {"since": 11.9 * HOUR}, True),
        ("agent", {"since": 12.1 * HOUR}, False),
        ("admin", {"seen": 61 * 60}, False),
        ("anna", {"seen": 13 * DAY, "since": 13 * DAY}, True),
        ("anna", {"seen": 14.1 * DAY, "since": 15 * DAY}, False),
        ("anna", {"since": 30.1 * DAY}, False),
    ],
)
def test_sessions_end_in_time(cast: Cast, who: str, times: dict[str, float], lives: bool) -> None:
    assert alive(aged(getattr(cast, who), **times)) is lives


def test_an_open_page_does_not_keep_the_session_alive(cast: Cast) -> None:
    client = aged(cast.agent, seen=30 * 60)
    before = client.session[KEY]["seen"]
    client.get(REQUESTS, headers={"HX-Request": "true"})
    assert client.session[KEY]["seen"] == before
    client.get(REQUESTS)
    assert client.session[KEY]["seen"] > before


def test_a_session_that_is_in_use_costs_no_writing(cast: Cast) -> None:
    client = as_(cast.anna)
    assert alive(client)
    row = LoginSession.objects.get(person=cast.anna)
    assert alive(client)
    assert LoginSession.objects.get(person=cast.anna).seen_at == row.seen_at


def test_who_is_logged_out_comes_back_to_the_page(cast: Cast) -> None:
    client = aged(cast.anna, seen=20 * DAY)
    response = client.get(REQUESTS, follow=True)
    assert f"next={REQUESTS}" in response.redirect_chain[-1][0] and "сеанс завершён" in response.content.decode()


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox, Windows"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36", "Chrome, Android"),
        (
            "Mozilla/5.0 (Windows NT 6.1) Chrome/108.0 YaBrowser/23.1 Yowser/2.5 Safari/537.36",
            "Яндекс Браузер, Windows",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Safari/537.36 Edg/126.0", "Microsoft Edge, Windows"),
        ("", "Неизвестное устройство"),
    ],
)
def test_browsers_are_named(agent: str, name: str) -> None:
    assert browser_name(agent) == name


def test_the_look_follows_the_person(cast: Cast) -> None:
    as_(cast.anna).post("/servicedesk/customer/user/theme", {"theme": "dark", "next": REQUESTS})
    assert 'data-bs-theme="dark"' in as_(cast.anna).get(REQUESTS).content.decode()
    anna = as_(cast.anna)
    response = anna.post("/servicedesk/customer/user/theme", {"theme": "auto", "next": "//evil.test"})
    assert response["Location"] == "/"
    assert 'data-theme="auto"' in as_(cast.anna).get(REQUESTS).content.decode()


def test_only_the_request_that_ends_a_session_takes_its_cookie(cast: Cast) -> None:
    """An open page's polling may be answered after a login in another tab, whose cookie must stay."""
    client = as_(cast.anna)
    key = client.session.session_key
    Session.objects.filter(session_key=key).delete()
    answer = client.get(REQUESTS, headers={"HX-Request": "true"})
    assert answer.status_code == 302 and settings.SESSION_COOKIE_NAME not in answer.cookies
    assert client.cookies[settings.SESSION_COOKIE_NAME].value == key
    again = as_(cast.anna)
    assert again.post("/servicedesk/customer/user/logout").cookies[settings.SESSION_COOKIE_NAME].value == ""
