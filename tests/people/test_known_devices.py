"""Devices on which a person has logged in before."""

import time

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.test import RequestFactory

from otklik.people.known_devices import device_of, remember_device
from otklik.people.models import Person
from tests.cast import Cast, person

YEAR = 365 * 24 * 3600


def remembered(*people: Person, cookie: str = "") -> str:
    """Return the device cookie of a browser in which these people logged in one after the other."""
    for one in people:
        response = HttpResponse()
        remember_device(request(cookie), response, one)
        cookie = response.cookies[settings.DEVICE_COOKIE_NAME].value
    return cookie


def request(cookie: str) -> WSGIRequest:
    made = RequestFactory().get("/")
    made.COOKIES[settings.DEVICE_COOKIE_NAME] = cookie
    return made


def test_a_browser_is_known_for_who_was_logged_in_there_and_for_nobody_else(cast: Cast) -> None:
    cookie = remembered(cast.anna, cast.boris)
    names = {device_of(request(cookie), who) for who in (cast.anna, cast.boris)}
    assert len(names) == 2 and "" not in names
    for who in (cast.stranger, None):
        assert device_of(request(cookie), who) == ""


def test_with_another_password_the_browser_is_a_strangers(cast: Cast) -> None:
    cookie = remembered(cast.anna)
    cast.anna.set_password("новая длинная сирень")
    assert device_of(request(cookie), cast.anna) == ""


def test_what_was_made_up_or_is_older_than_a_year_says_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cookie, now = remembered(cast.anna), time.time()
    assert device_of(request(cookie[:-1] + "~"), cast.anna) == "" == device_of(request(""), cast.anna)
    for age, known in ((YEAR - 60, True), (YEAR + 60, False)):
        monkeypatch.setattr("django.core.signing.time.time", lambda age=age: now + age)
        assert bool(device_of(request(cookie), cast.anna)) is known


def test_the_cookie_grows_no_longer_than_some_people(cast: Cast) -> None:
    people = [person(f"P{number}", f"p{number}@clinic.test") for number in range(12)]
    cookie = remembered(*people)
    known = [bool(device_of(request(cookie), who)) for who in people]
    assert known[-1] and not known[0] and known == sorted(known)
