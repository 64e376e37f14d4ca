"""Registration and invitation."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from otklik.mail.models import OutboundMail
from otklik.people.actor import Actor
from otklik.people.commands.persons import ensure_person
from otklik.people.commands.signup import issue_sign_up
from otklik.people.models import Person
from otklik.people.queries import person_by_address
from otklik.portal.views import forgot_password
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from tests.cast import START, Cast
from tests.portal.helpers import as_, mailed, path_in, same

SIGNUP = "/servicedesk/customer/user/signup"
FINISH = f"{SIGNUP}/finish"
REQUESTS = "/servicedesk/customer/user/requests"
INVITE = "/secure/InvitePerson"
VERA = {"name": "Вера Новая", "email": "vera@clinic.test"}
NEW = {"password1": "облако в штанах", "password2": "облако в штанах"}


@pytest.fixture(autouse=True)
def quick(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(forgot_password, "SECONDS", 0.0)
    cast.desk.signup = True
    cast.desk.save()


def test_a_stranger_registers(cast: Cast) -> None:
    assert "Зарегистрироваться" in Client().get("/servicedesk/customer/user/login").content.decode()
    client = Client()
    assert client.post(SIGNUP, VERA)["Location"] == f"{SIGNUP}/sent"
    assert person_by_address("vera@clinic.test") is None, "nobody exists before the link is used"
    response = client.get(path_in(mailed("vera@clinic.test", "sign_up"), "secure/FinishSignup/"))
    assert response["Location"] == FINISH and response["Referrer-Policy"] == "no-referrer"
    assert client.post(FINISH, {**NEW, "password2": "другое"}).status_code == 422
    assert client.post(FINISH, NEW).status_code == 302 and client.get(REQUESTS).status_code == 200
    vera = Person.objects.get(email="vera@clinic.test")
    assert vera.name == "Вера Новая" and vera.activated_at and vera.check_password(NEW["password1"])


def test_where_no_desk_allows_it_the_page_leads_to_the_login(cast: Cast) -> None:
    cast.desk.signup = False
    cast.desk.save()
    assert "/user/login" in Client().post(SIGNUP, VERA)["Location"]
    assert "Зарегистрироваться" not in Client().get("/servicedesk/customer/user/login").content.decode()
    assert not OutboundMail.objects.exists()


def test_ab_24_registering_anothers_address_takes_nothing_over(cast: Cast) -> None:
    attacker = Client()
    attacker.post(SIGNUP, VERA)
    victim, _new = ensure_person(address="vera@clinic.test", name="Вера", at=START)
    open_ticket(
        actor=Actor(victim, "mail"),
        at=START,
        desk=cast.desk,
        channel="mail",
        subject="Секрет",
        words=Words("Секрет"),
        requester=victim,
        request_type=None,
    )
    for password in ("x", NEW["password1"]):
        attacker.post("/servicedesk/customer/user/login", {"login": "vera@clinic.test", "password": password})
    assert attacker.get(REQUESTS).status_code == 302 and attacker.get(FINISH).status_code == 404
    owner = Client()
    owner.get(path_in(mailed("vera@clinic.test", "sign_up"), "secure/FinishSignup/"))
    owner.post(FINISH, NEW)
    assert "Секрет" in owner.get(REQUESTS).content.decode()


def test_ab_24_a_link_for_an_account_activated_meanwhile_is_void(cast: Cast) -> None:
    secret = issue_sign_up(address="vera@clinic.test", name="x", at=timezone.now())
    person, _new = ensure_person(address="vera@clinic.test", name="Вера", at=START)
    Person.objects.filter(pk=person.pk).update(activated_at=START)
    client = Client()
    client.get(f"/secure/FinishSignup/{secret}")
    assert client.post(FINISH, NEW).status_code == 404


def test_ab_31_known_addresses_get_the_same_answer(cast: Cast) -> None:
    pages = []
    for address in ("anna@clinic.test", "vera@clinic.test"):
        response = Client().post(SIGNUP, {**VERA, "email": address}, follow=True)
        pages.append((response.status_code, same(response)))
    assert pages[0] == pages[1]
    assert "уже есть учётная запись" in mailed("anna@clinic.test", "sign_up").text
    assert "FinishSignup" not in mailed("anna@clinic.test", "sign_up").text


def test_ab_32_registering_floods_nobody(cast: Cast) -> None:
    for _ in range(10):
        Client().post(SIGNUP, VERA)
        cache.clear()
    assert OutboundMail.objects.count() == 1
    codes = [Client().post(SIGNUP, {**VERA, "email": f"v{n}@clinic.test"}).status_code for n in range(7)]
    assert codes[-1] == 429


def test_ab_25_the_link_lives_a_day_and_works_once(cast: Cast) -> None:
    old = issue_sign_up(address="a@clinic.test", name="x", at=timezone.now() - timedelta(hours=24, seconds=1))
    assert Client().get(f"/secure/FinishSignup/{old}").status_code == 404
    secret = issue_sign_up(address="a@clinic.test", name="x", at=timezone.now())
    client = Client()
    client.get(f"/secure/FinishSignup/{secret}")
    client.post(FINISH, NEW)
    assert Client().get(f"/secure/FinishSignup/{secret}").status_code == 404


def test_an_agent_invites_a_person(cast: Cast) -> None:
    agent = as_(cast.agent)
    assert agent.post(INVITE, VERA).status_code == 302
    mail = mailed("vera@clinic.test", "invitation")
    assert "Глеб Орлов приглашает вас" in mail.text and mail.sensitive and "24 час" in mail.text
    client = Client()
    client.get(path_in(mail, "secure/ActivateAccount/"))
    assert client.post("/servicedesk/customer/user/activate", NEW).status_code == 302
    assert client.get(REQUESTS).status_code == 200


@pytest.mark.parametrize("address", ["anna@clinic.test", "accredo@desk.test", "нет"])
def test_who_cannot_be_invited_is_said_at_the_field(cast: Cast, address: str) -> None:
    response = as_(cast.agent).post(INVITE, {**VERA, "email": address})
    page = response.content.decode()
    assert response.status_code == 422 and 'id="id_email_error"' in page and "Анна" not in page
    assert not OutboundMail.objects.exists()
