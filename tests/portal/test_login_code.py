"""Login by a mailed code."""

import re
import time

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client

from otklik.mail.models import OutboundMail
from otklik.people.commands.persons import ensure_person, grant
from otklik.portal.views import forgot_password
from otklik.portal.views.login_code import may_log_in_by_code
from tests.cast import START, Cast
from tests.portal.helpers import mailed, same

ASK = "/servicedesk/customer/user/login/code"
CONFIRM = f"{ASK}/confirm"
REQUESTS = "/servicedesk/customer/user/requests"


@pytest.fixture(autouse=True)
def quick(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(forgot_password, "SECONDS", 0.0)


def asked(address: str) -> Client:
    client = Client()
    assert client.post(ASK, {"email": address}).status_code == 302
    return client


def code_for(address: str) -> str:
    found = re.search(r"^([\d-]{8,})$", mailed(address, "login_code").text, re.MULTILINE)
    assert found
    return found.group(1)


def test_the_code_opens_the_portal(cast: Cast) -> None:
    client = asked("anna@clinic.test")
    response = client.post(f"{CONFIRM}?next={REQUESTS}", {"code": code_for("anna@clinic.test")})
    assert response["Location"] == REQUESTS and client.get(REQUESTS).status_code == 200


def test_digits_may_be_typed_without_the_dash(cast: Cast) -> None:
    client = asked("anna@clinic.test")
    assert client.post(CONFIRM, {"code": " " + code_for("anna@clinic.test").replace("-", "") + " "}).status_code == 302


def test_a_code_proves_the_address_and_activates(cast: Cast) -> None:
    nina, _new = ensure_person(address="nina@clinic.test", name="Нина", at=START)
    client = asked("nina@clinic.test")
    client.post(CONFIRM, {"code": code_for("nina@clinic.test")})
    nina.refresh_from_db()
    assert nina.activated_at and EmailAddress.objects.get(user=nina).verified


def test_a_further_address_serves_as_well(cast: Cast) -> None:
    EmailAddress.objects.create(user=cast.anna, email="anna@home.test", verified=True)
    client = asked("anna@home.test")
    assert client.post(CONFIRM, {"code": code_for("anna@home.test")}).status_code == 302
    assert client.get(REQUESTS).status_code == 200


def test_ab_31_an_unknown_address_looks_the_same(cast: Cast) -> None:
    pages = []
    for address in ("anna@clinic.test", "nobody@clinic.test"):
        client = asked(address)
        page, wrong = client.get(CONFIRM), client.post(CONFIRM, {"code": "0000-0000"})
        pages.append([(one.status_code, same(one).replace(address, "")) for one in (page, wrong)])
    assert pages[0] == pages[1]
    assert not OutboundMail.objects.filter(recipient="nobody@clinic.test").exists()


def test_ab_31_the_answer_takes_its_time(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(forgot_password, "SECONDS", 5.0)
    monkeypatch.setattr("otklik.portal.views.login_code.time.sleep", slept.append)
    for address in ("anna@clinic.test", "nobody@clinic.test"):
        asked(address)
    assert len(slept) == 2 and all(3 < seconds <= 5 for seconds in slept)


def test_ab_38_the_code_is_bound_to_the_browser_that_asked(cast: Cast) -> None:
    asked("anna@clinic.test")
    thief = Client()
    thief.post(CONFIRM, {"code": code_for("anna@clinic.test")})
    assert thief.get(REQUESTS).status_code == 302


def test_ab_38_three_tries_and_it_is_over(cast: Cast) -> None:
    client = asked("anna@clinic.test")
    code = code_for("anna@clinic.test")
    for _ in range(3):
        assert client.post(CONFIRM, {"code": "0000-0000"}).status_code == 422
    client.post(CONFIRM, {"code": code})
    assert client.get(REQUESTS).status_code == 302


def test_ab_25_a_code_lives_ten_minutes_and_works_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client = asked("anna@clinic.test")
    code = code_for("anna@clinic.test")
    now = time.time()
    with monkeypatch.context() as later:
        later.setattr("allauth.account.internal.flows.code_verification.time.time", lambda: now + 601)
        client.post(CONFIRM, {"code": code})
    assert client.get(REQUESTS).status_code == 302
    cache.clear()
    OutboundMail.objects.all().delete()
    again = asked("anna@clinic.test")
    code = code_for("anna@clinic.test")
    again.post(CONFIRM, {"code": code})
    again.post("/servicedesk/customer/user/logout")
    again.post(CONFIRM, {"code": code})
    assert again.get(REQUESTS).status_code == 302


def test_ab_32_asking_often_sends_one_mail(cast: Cast) -> None:
    for n in range(5):
        Client().post(ASK, {"email": "anna@clinic.test"}, headers={"X-Forwarded-For": f"10.1.1.{n}"})
    assert OutboundMail.objects.filter(kind="login_code").count() == 1


def test_ab_29_the_code_leaves_the_outbox_with_the_mail(cast: Cast) -> None:
    asked("anna@clinic.test")
    assert mailed("anna@clinic.test", "login_code").sensitive


def test_who_is_switched_off_gets_no_code(cast: Cast) -> None:
    cast.anna.is_active = False
    cast.anna.save()
    asked("anna@clinic.test")
    assert not OutboundMail.objects.exists()


@pytest.mark.parametrize("address", ["anna@clinic.test", "nobody@clinic.test"])
def test_ab_32_one_place_asks_for_twenty_codes_an_hour(cast: Cast, address: str) -> None:
    for number in range(20):
        assert Client().post(ASK, {"email": f"x{number}@clinic.test"}).status_code == 302
    before = OutboundMail.objects.count()
    assert Client().post(ASK, {"email": address}).status_code in {422, 429}
    assert OutboundMail.objects.count() == before


@pytest.mark.parametrize("who", ["agent", "lead", "admin"])
def test_who_has_power_here_gets_no_code_and_is_told_why(cast: Cast, who: str) -> None:
    address = getattr(cast, who).email
    client = asked(address)
    assert [mail.kind for mail in OutboundMail.objects.filter(recipient=address)] == ["no_login_code"]
    assert client.post(CONFIRM, {"code": "0000-0000"}).status_code == 422
    assert client.get(REQUESTS).status_code == 302


def test_ab_39_who_runs_a_site_without_a_desk_gets_no_code_either(db: None) -> None:
    admin, _new = ensure_person(address="root@site.test", name="Админ", at=START)
    assert may_log_in_by_code(admin)
    grant(person=admin, at=START, admin=True)
    admin.refresh_from_db()
    asked("root@site.test")
    assert not may_log_in_by_code(admin) and not OutboundMail.objects.filter(kind="login_code").exists()
