"""Addresses and phone numbers on the profile."""

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client

from otklik.mail.models import AddressTrouble, OutboundMail
from otklik.people.commands.persons import ensure_person
from otklik.people.models import Phone
from otklik.people.queries import person_by_address
from tests.cast import START, Cast
from tests.portal.helpers import as_, logged_in, mailed, path_in, same

PROFILE = "/servicedesk/customer/user/profile"
HOME = "anna@home.test"


@pytest.fixture(autouse=True)
def no_throttle_yet(db: None) -> None:
    cache.clear()


def added(client: Client, address: str = HOME) -> str:
    """Add the address; return the path of the mailed link."""
    assert client.post(f"{PROFILE}/addresses/add", {"email": address}).status_code == 302
    return path_in(mailed(address, "address_link"), "secure/ConfirmAddress/")


def test_an_address_is_added_by_the_mailed_link(cast: Cast) -> None:
    anna = logged_in(cast.anna)
    link = added(anna)
    assert "ждёт, когда вы перейдёте" in anna.get(f"{PROFILE}/contacts").content.decode()
    page = anna.get(link, follow=True)
    assert page.status_code == 200 and HOME in page.content.decode()
    assert person_by_address(HOME) is None, "GET only shows"
    assert anna.post(f"{PROFILE}/addresses/confirm").status_code == 302
    assert person_by_address(HOME) == cast.anna
    assert "Добавлен адрес anna@home.test" in mailed("anna@clinic.test", "account_notice").text


def test_ab_33_the_secret_leaves_the_address_at_once(cast: Cast) -> None:
    anna = logged_in(cast.anna)
    response = anna.get(added(anna))
    assert response["Location"].endswith("/addresses/confirm") and response["Referrer-Policy"] == "no-referrer"


def test_the_link_waits_for_the_login(cast: Cast) -> None:
    link = added(logged_in(cast.anna))
    client = Client()
    assert "/user/login" in client.get(link, follow=True).redirect_chain[-1][0]
    client.force_login(cast.anna)
    assert client.post(f"{PROFILE}/addresses/confirm").status_code == 302
    assert person_by_address(HOME) == cast.anna


def test_ab_36_the_link_works_for_nobody_else(cast: Cast) -> None:
    link = added(logged_in(cast.anna))
    boris = as_(cast.boris)
    assert boris.get(link, follow=True).status_code == 404
    assert boris.post(f"{PROFILE}/addresses/confirm").status_code == 404
    assert person_by_address(HOME) is None


def test_ab_31_anothers_address_gets_the_same_answer(cast: Cast) -> None:
    answers = []
    for address in ("boris@clinic.test", "nobody@clinic.test"):
        anna = logged_in(cast.anna)
        response = anna.post(f"{PROFILE}/addresses/add", {"email": address}, follow=True)
        answers.append((response.status_code, same(response).replace(address, "")))
    assert answers[0][0] == answers[1][0] == 200
    assert "остаётся за вашей" in mailed("boris@clinic.test", "address_link").text
    assert "ConfirmAddress" not in mailed("boris@clinic.test", "address_link").text


def test_ab_32_an_address_is_not_flooded(cast: Cast) -> None:
    anna = logged_in(cast.anna)
    for _ in range(5):
        anna.post(f"{PROFILE}/addresses/add", {"email": HOME})
    assert OutboundMail.objects.filter(recipient=HOME).count() == 1


def test_ab_29_an_address_of_the_desk_is_refused(cast: Cast) -> None:
    response = logged_in(cast.anna).post(f"{PROFILE}/addresses/add", {"email": "accredo+x@desk.test"})
    assert response.status_code == 422 and "адрес самой поддержки" in response.content.decode()


@pytest.mark.parametrize("act", ["add", "primary", "remove"])
def test_ab_35_addresses_want_a_fresh_confirmation(cast: Cast, act: str) -> None:
    EmailAddress.objects.create(user=cast.anna, email=HOME, verified=True)
    anna = as_(cast.anna)
    response = anna.post(f"{PROFILE}/addresses/{act}", {"email": "x@home.test", "address": HOME})
    assert "/user/confirm" in response["Location"]
    assert not OutboundMail.objects.filter(recipient__endswith="@home.test").exists()
    cast.anna.refresh_from_db()
    assert cast.anna.email == "anna@clinic.test" and person_by_address(HOME) == cast.anna


def test_what_was_sent_is_done_after_the_confirmation(cast: Cast) -> None:
    anna = as_(cast.anna)
    page = anna.post(f"{PROFILE}/addresses/add", {"email": HOME})["Location"]
    assert anna.post(page, {"password": "не тот", "next": f"{PROFILE}/addresses/add"}).status_code == 422
    assert not OutboundMail.objects.exists()
    answer = anna.post(page, {"password": "сирень-цветёт-в-мае", "next": f"{PROFILE}/addresses/add"})
    assert answer["Location"] == f"{PROFILE}/contacts"
    assert OutboundMail.objects.filter(recipient=HOME).count() == 1


def test_another_main_address_tells_the_former(cast: Cast) -> None:
    EmailAddress.objects.create(user=cast.anna, email=HOME, verified=True)
    anna = logged_in(cast.anna)
    anna.post(f"{PROFILE}/addresses/primary", {"address": HOME})
    cast.anna.refresh_from_db()
    assert cast.anna.email == HOME
    assert "Ваш основной адрес теперь anna@home.test" in mailed("anna@clinic.test", "account_notice").text
    anna.post(f"{PROFILE}/addresses/remove", {"address": "anna@clinic.test"})
    assert person_by_address("anna@clinic.test") is None
    assert logged_in(cast.anna).get(PROFILE).status_code == 200


def test_requests_of_an_unused_account_come_along(cast: Cast) -> None:
    ensure_person(address=HOME, name="Анна из дома", at=START)
    anna = logged_in(cast.anna)
    anna.get(added(anna))
    anna.post(f"{PROFILE}/addresses/confirm")
    assert person_by_address(HOME) == cast.anna


def test_phones_come_and_go(cast: Cast) -> None:
    anna = as_(cast.anna)
    assert anna.post(f"{PROFILE}/phones/add", {"number": "ой"}).status_code == 422
    anna.post(f"{PROFILE}/phones/add", {"number": "8 (495) 123-45-67"})
    phone = Phone.objects.get(person=cast.anna)
    assert phone.number == "+74951234567" and "+7 495 123-45-67" in anna.get(f"{PROFILE}/contacts").content.decode()
    assert as_(cast.boris).post(f"{PROFILE}/phones/{phone.pk}/remove").status_code == 404
    anna.post(f"{PROFILE}/phones/{phone.pk}/remove")
    assert not Phone.objects.exists()


def test_who_owns_an_address_says_that_it_takes_mail_again(cast: Cast) -> None:
    words = {"last_at": START, "stopped_at": START, "words": "550 5.2.1 mailbox disabled"}
    for address in ("anna@clinic.test", "boris@clinic.test"):
        AddressTrouble.objects.create(address=address, **words)
    anna = logged_in(cast.anna)
    page = anna.get(f"{PROFILE}/contacts").content.decode()
    assert "письма на этот адрес вернулись" in page and "550 5.2.1 mailbox disabled" in page
    assert anna.post(f"{PROFILE}/addresses/works", {"address": "boris@clinic.test"}).status_code == 404
    assert anna.post(f"{PROFILE}/addresses/works", {"address": "anna@clinic.test"}).status_code == 302
    assert set(AddressTrouble.objects.values_list("address", flat=True)) == {"boris@clinic.test"}
    assert "вернулись" not in anna.get(f"{PROFILE}/contacts").content.decode()
