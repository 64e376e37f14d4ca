"""Throttling of login guesses: it slows the attacker, not the owner (AB-38)."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from otklik.people.models import Guesses, Person
from otklik.portal.views import forgot_password
from tests.cast import PASSWORD, Cast
from tests.portal.helpers import as_, logged_in, mailed, path_in, same
from tests.portal.test_second_factor import SECOND, app_code, half_logged_in, set_up

LOGIN = "/servicedesk/customer/user/login"
REQUESTS = "/servicedesk/customer/user/requests"
PROFILE = "/servicedesk/customer/user/profile"
ANNA = {"login": "anna@clinic.test", "password": PASSWORD}
WRONG = {**ANNA, "password": "не тот"}
NEW = {"password1": "облако в штанах", "password2": "облако в штанах"}


@pytest.fixture(autouse=True)
def quick(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(forgot_password, "SECONDS", 0.0)


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gets each password compared with a stored hash."""
    seen: list[str] = []
    compare: Callable[[Person, str], bool] = Person.check_password

    def noted(person: Person, raw: str) -> bool:
        seen.append(raw)
        return compare(person, raw)

    monkeypatch.setattr(Person, "check_password", noted)
    return seen


def from_elsewhere(n: int) -> Client:
    """Return a client in another network; n is below 65,536."""
    return Client(REMOTE_ADDR=f"10.{n // 250}.{n % 250}.7")


def closed(cast: Cast) -> None:
    """Record a hundred wrong guesses at Anna's password."""
    from_elsewhere(1).post(LOGIN, WRONG)
    Guesses.objects.update(wrong=100, waits=20, not_before=timezone.now() - timedelta(days=1))


def is_in(client: Client) -> bool:
    return client.get(REQUESTS).status_code == 200


def test_ab_38_of_many_guesses_at_most_a_hundred_are_looked_at(cast: Cast, looked_at: list[str]) -> None:
    for n in range(105):
        from_elsewhere(n).post(LOGIN, WRONG)
        Guesses.objects.update(not_before=timezone.now() - timedelta(seconds=1), recent=[])
    assert len(looked_at) == 100
    assert from_elsewhere(2000).post(LOGIN, ANNA).status_code == 422


def test_ab_38_the_owner_logs_in_from_a_known_browser_while_somebody_guesses(cast: Cast) -> None:
    owner = logged_in(cast.anna)
    owner.get(REQUESTS)
    owner.post("/servicedesk/customer/user/logout")
    closed(cast)
    assert Client().post(LOGIN, ANNA).status_code == 422
    assert owner.post(LOGIN, ANNA).status_code == 302 and is_in(owner)
    assert Client().post(LOGIN, ANNA).status_code == 422, "and that opens nothing for those elsewhere"


def guessed_out(person: Person) -> Client:
    """Return a browser known to the person's account, with too many wrong passwords since."""
    owner = logged_in(person)
    owner.get(REQUESTS)
    owner.post("/servicedesk/customer/user/logout")
    for _ in range(5):
        owner.post(LOGIN, WRONG)
    return owner


def test_ab_38_a_known_browser_has_no_endless_guesses_either(cast: Cast) -> None:
    owner = guessed_out(cast.anna)
    assert owner.post(LOGIN, ANNA).status_code == 422


@pytest.mark.parametrize("spoilt", ["", "x", "e30:1:x"])
def test_ab_38_a_made_up_mark_of_a_browser_counts_for_nothing(cast: Cast, spoilt: str) -> None:
    closed(cast)
    guesser = Client()
    guesser.cookies["otklik_device"] = spoilt
    assert guesser.post(LOGIN, ANNA).status_code == 422


def test_ab_38_the_mark_of_one_persons_browser_is_no_mark_for_another(cast: Cast) -> None:
    boris = logged_in(cast.boris)
    boris.get(REQUESTS)
    boris.post("/servicedesk/customer/user/logout")
    closed(cast)
    assert boris.post(LOGIN, ANNA).status_code == 422


def test_ab_38_a_new_password_voids_the_marks_of_browsers(cast: Cast) -> None:
    thief = logged_in(cast.anna)
    thief.get(REQUESTS)
    cast.anna.set_password("совсем другой пароль")
    cast.anna.save()
    closed(cast)
    fresh = {"login": "anna@clinic.test", "password": "совсем другой пароль"}
    assert thief.post(LOGIN, fresh).status_code == 422


def test_ab_38_a_closed_door_opens_by_the_mailed_link(cast: Cast) -> None:
    closed(cast)
    owner = Client()
    owner.post("/secure/ForgotLoginDetails.jspa", {"email": "anna@clinic.test"})
    link = path_in(mailed("anna@clinic.test", "password_reset"), "secure/ResetPassword/")
    owner.get(link)
    assert owner.post(link.split("-")[0] + "-set-password", NEW).status_code == 302 and is_in(owner)
    assert Client().post(LOGIN, {**ANNA, "password": NEW["password1"]}).status_code == 302


def test_ab_38_a_closed_door_opens_by_the_mailed_code(cast: Cast) -> None:
    closed(cast)
    owner = Client()
    owner.post(f"{LOGIN}/code", {"email": "anna@clinic.test"})
    found = re.search(r"^([\d-]{8,})$", mailed("anna@clinic.test", "login_code").text, re.MULTILINE)
    assert found and owner.post(f"{LOGIN}/code/confirm", {"code": found.group(1)}).status_code == 302
    assert Client().post(LOGIN, ANNA).status_code == 302


def test_ab_31_unknown_addresses_are_counted_as_strictly_and_told_the_same(cast: Cast) -> None:
    pages = []
    for n, address in enumerate(("anna@clinic.test", "nobody@clinic.test")):
        answers = [from_elsewhere(n).post(LOGIN, {**WRONG, "login": address}) for _ in range(6)]
        pages.append([(one.status_code, same(one).replace(address, "")) for one in answers])
    assert pages[0] == pages[1]
    assert "Слишком много неверных попыток" in pages[0][5][1] and "Слишком много" not in pages[0][4][1]


def test_ab_38_all_addresses_of_a_person_are_one_account(cast: Cast) -> None:
    EmailAddress.objects.create(user=cast.anna, email="anna@home.test", verified=True)
    for n in range(5):
        from_elsewhere(n).post(LOGIN, {**WRONG, "login": ("anna@home.test", "anna@clinic.test")[n % 2]})
    assert from_elsewhere(9).post(LOGIN, ANNA).status_code == 422


def test_ab_38_too_many_from_one_network_address_is_429_and_nobody_elses_trouble(cast: Cast) -> None:
    known = logged_in(cast.boris)
    known.get(REQUESTS)
    known.post("/servicedesk/customer/user/logout")
    for n in range(10):
        assert Client().post(LOGIN, {"login": f"u{n}@x.test", "password": "p"}).status_code == 422
    held = Client().post(LOGIN, {"login": "u99@x.test", "password": "p"})
    assert held.status_code == 429 and held["Retry-After"] == "60"
    assert known.post(LOGIN, {"login": "boris@clinic.test", "password": PASSWORD}).status_code == 302
    assert from_elsewhere(3).post(LOGIN, ANNA).status_code == 302


def test_ab_38_neighbours_in_one_ipv6_network_count_together(cast: Cast) -> None:
    codes = [
        Client(REMOTE_ADDR=f"2001:db8::{n}").post(LOGIN, {"login": f"u{n}@x.test", "password": "p"}).status_code
        for n in range(1, 12)
    ]
    assert codes == [422] * 10 + [429]
    assert Client(REMOTE_ADDR="2001:db8:0:1::1").post(LOGIN, ANNA).status_code == 302


def test_ab_38_codes_of_the_app_wait_longer_each_time(cast: Cast) -> None:
    secret = set_up(logged_in(cast.anna))
    client = half_logged_in(cast.anna)
    for n in range(5):
        client.post(SECOND, {"code": f"00000{n}"})
    row = Guesses.objects.get(wrong=5, waits=1)
    assert client.post(SECOND, {"code": app_code(secret)}).status_code == 422
    Guesses.objects.update(not_before=timezone.now(), recent=[])
    client.post(SECOND, {"code": "000000"})
    row.refresh_from_db()
    assert row.wrong == 6 and 50 < (row.not_before - timezone.now()).total_seconds() <= 60


def test_ab_38_the_confirmation_page_is_no_way_around(cast: Cast) -> None:
    thief = as_(cast.anna)
    thief.cookies.pop("otklik_device")
    for _ in range(5):
        assert thief.post("/servicedesk/customer/user/confirm", {"password": "не тот"}).status_code == 422
    assert thief.post("/servicedesk/customer/user/confirm", {"password": PASSWORD}).status_code == 422
    assert is_in(thief), "the session itself is not touched"


def test_ab_38_the_old_password_on_the_page_of_the_new_one_is_counted_too(cast: Cast) -> None:
    thief = as_(cast.anna)
    thief.cookies.pop("otklik_device")
    for _ in range(5):
        cache.clear()
        thief.post(f"{PROFILE}/password", {"oldpassword": "не тот", **NEW})
    assert Client(REMOTE_ADDR="10.9.9.9").post(LOGIN, ANNA).status_code == 422


def test_the_mark_of_a_browser_is_for_scripts_and_strangers_unreadable(cast: Cast) -> None:
    anna = logged_in(cast.anna)
    anna.get(REQUESTS)
    cookie = anna.cookies["otklik_device"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and "anna" not in cookie.value


def test_ab_38_the_mailed_code_opens_the_door_in_the_known_browser_too(cast: Cast) -> None:
    owner = guessed_out(cast.anna)
    owner.post(f"{LOGIN}/code", {"email": "anna@clinic.test"})
    found = re.search(r"^([\d-]{8,})$", mailed("anna@clinic.test", "login_code").text, re.MULTILINE)
    assert found and owner.post(f"{LOGIN}/code/confirm", {"code": found.group(1)}).status_code == 302
    owner.post("/servicedesk/customer/user/logout")
    assert owner.post(LOGIN, ANNA).status_code == 302 and is_in(owner)


def test_ab_38_a_guesser_with_a_network_of_ipv6_is_one_place(cast: Cast, looked_at: list[str]) -> None:
    for number in range(12):
        client = Client(REMOTE_ADDR=f"2001:db8:0:1::{number + 1:x}")
        client.post(LOGIN, {"login": f"nobody{number}@clinic.test", "password": "x" * 20})
    held = Client(REMOTE_ADDR="2001:db8:0:1:ffff::1")
    assert not is_in(held) and held.post(LOGIN, ANNA).status_code != 302
    elsewhere = Client(REMOTE_ADDR="2001:db8:0:2::1")
    elsewhere.post(LOGIN, ANNA)
    assert is_in(elsewhere)


def test_ab_38_ipv4_written_in_the_way_of_ipv6_is_no_common_place(cast: Cast) -> None:
    for number in range(12):
        Client(REMOTE_ADDR="::ffff:192.0.2.1").post(LOGIN, {"login": f"n{number}@clinic.test", "password": "x" * 20})
    elsewhere = Client(REMOTE_ADDR="::ffff:192.0.2.2")
    elsewhere.post(LOGIN, ANNA)
    assert is_in(elsewhere)
