"""The profile and the language switch."""

import pytest
from django.core.cache import cache
from django.test import Client

from otklik.people.models import Person
from tests.cast import PASSWORD, Cast
from tests.portal.helpers import as_

PROFILE = "/servicedesk/customer/user/profile"
LANGUAGE = "/servicedesk/customer/user/language"
CHANGED = {"name": "Анна П.", "language": "en", "time_zone": "Asia/Vladivostok"}
NEW = {"oldpassword": PASSWORD, "password1": "облако в штанах", "password2": "облако в штанах"}


@pytest.fixture(autouse=True)
def no_throttle_yet(db: None) -> None:
    cache.clear()


def test_name_language_and_zone_are_kept_and_used(cast: Cast) -> None:
    anna = as_(cast.anna)
    assert anna.post(PROFILE, CHANGED).status_code == 302
    cast.anna.refresh_from_db()
    assert (cast.anna.name, cast.anna.language, cast.anna.time_zone) == ("Анна П.", "en", "Asia/Vladivostok")
    page = anna.get(f"/servicedesk/customer/portal/{cast.desk.pk}/ACCREDO-1").content.decode()
    assert "Activity" in page and " 19:00<" in page


def test_who_is_known_by_an_address_alone_reads_their_own_address_and_nobody_elses(cast: Cast) -> None:
    Person.objects.filter(pk=cast.boris.pk).update(name="boris")
    card = f"/servicedesk/customer/portal/{cast.desk.pk}/ACCREDO-1"
    own = as_(cast.boris).get(card).content.decode()
    assert '<span class="menu-name">boris@clinic.test</span>' in own
    assert '<span class="person-name">boris@clinic.test' in own
    assert '<h1 class="cv-page-title-text">boris@clinic.test</h1>' in as_(cast.boris).get(PROFILE).content.decode()
    others = as_(cast.anna).get(card).content.decode()
    assert '<span class="person-name">boris' in others and "boris@clinic.test" not in others


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"language": "xx"}, {"time_zone": "Mars/Base"}, {"time_zone": "../etc"}]
)
def test_wrong_words_are_refused(cast: Cast, wrong: dict[str, str]) -> None:
    assert as_(cast.anna).post(PROFILE, {**CHANGED, **wrong}).status_code == 422
    cast.anna.refresh_from_db()
    assert cast.anna.name == "Анна Петрова"


def test_ab_35_no_other_field_of_a_person_can_be_set(cast: Cast) -> None:
    extra = {"email": "x@y.test", "password": "x", "is_admin": "1", "is_active": "", "id": "1"}
    as_(cast.anna).post(PROFILE, {**CHANGED, **extra})
    cast.anna.refresh_from_db()
    assert cast.anna.email == "anna@clinic.test" and cast.anna.check_password(PASSWORD)
    assert cast.anna.is_active and not cast.anna.is_admin


def test_ab_35_a_new_password_needs_the_old_one(cast: Cast) -> None:
    anna, elsewhere = as_(cast.anna), as_(cast.anna)
    refused = anna.post(f"{PROFILE}/password", {**NEW, "oldpassword": "не тот"})
    assert refused.status_code == 422 and 'id="id_oldpassword_error"' in refused.content.decode()
    assert anna.post(f"{PROFILE}/password", NEW).status_code == 302
    cast.anna.refresh_from_db()
    assert cast.anna.check_password(NEW["password1"])
    assert anna.get(PROFILE).status_code == 200 and elsewhere.get(PROFILE).status_code == 302


def test_ab_38_the_old_password_cannot_be_guessed_here(cast: Cast) -> None:
    anna = as_(cast.anna)
    codes = [anna.post(f"{PROFILE}/password", {**NEW, "oldpassword": "не тот"}).status_code for _ in range(7)]
    assert codes[-1] == 429
    assert anna.post(f"{PROFILE}/password", NEW).status_code == 429


def test_the_switch_speaks_another_language_at_once(cast: Cast) -> None:
    client = Client()
    response = client.post(LANGUAGE, {"language": "en", "next": "/servicedesk/customer/portals"})
    assert response["Location"] == "/servicedesk/customer/portals"
    assert "Help center" in client.get("/servicedesk/customer/portals").content.decode()
    as_(cast.anna).post(LANGUAGE, {"language": "en"})
    cast.anna.refresh_from_db()
    assert (cast.anna.language, cast.anna.name) == ("en", "Анна Петрова")


def test_an_error_page_leads_to_the_choice_and_back(cast: Cast) -> None:
    client = Client()
    assert f'href="{LANGUAGE}"' in client.get("/nothing/here").content.decode()
    for came, back in (("http://testserver/nothing/here?a=1", "/nothing/here?a=1"), ("http://evil.test/x", "")):
        page = client.get(LANGUAGE, headers={"Referer": came}).content.decode()
        assert f'name="next" value="{back}"' in page and "English" in page


@pytest.mark.parametrize("goal", ["//evil.test", "https://evil.test", "/\\evil.test", "javascript:alert(1)", "x"])
def test_ab_58_the_switch_leads_nowhere_else(cast: Cast, goal: str) -> None:
    assert Client().post(LANGUAGE, {"language": "en", "next": goal})["Location"] == "/"


def test_unknown_languages_change_nothing(cast: Cast) -> None:
    client = Client()
    client.post(LANGUAGE, {"language": "../ru"})
    assert "otklik_language" not in client.cookies
