"""Rate limits, ages of logins and object ownership of actions. The figures are literals here."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from otklik.mail.models import OutboundMail
from otklik.portal.views import forgot_password
from tests.cast import Cast
from tests.portal.helpers import as_, card, logged_in

PROFILE = "/servicedesk/customer/user/profile"
CONFIRM = "/servicedesk/customer/user/confirm"
SIGN_UP = "/servicedesk/customer/user/signup"


@pytest.fixture(autouse=True)
def fresh(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(forgot_password, "SECONDS", 0.0)


def without_password(cast: Cast) -> Client:
    """Return a client of Anna, who has no password and has not confirmed her identity recently."""
    cast.anna.set_unusable_password()
    cast.anna.save()
    return as_(cast.anna)


def test_the_mailed_code_of_a_confirmation_ends_after_ten_minutes(cast: Cast) -> None:
    anna = without_password(cast)
    anna.post(CONFIRM, {"send": "1"})
    sent = anna.session["confirm_code"]
    for age, status in ((601, 422), (590, 302)):
        session = anna.session
        session["confirm_code"] = {**sent, "at": sent["at"] - age}
        session.save()
        assert anna.post(CONFIRM, {"mailed": sent["code"]}).status_code == status, age


def test_ten_confirmations_a_minute(cast: Cast) -> None:
    anna = without_password(cast)
    assert [anna.post(CONFIRM, {"send": "1"}).status_code for _ in range(11)] == [200] * 10 + [429]


def test_ten_new_addresses_an_hour(cast: Cast) -> None:
    anna = logged_in(cast.anna)
    codes = [anna.post(f"{PROFILE}/addresses/add", {"email": "нет"}).status_code for _ in range(11)]
    assert codes == [422] * 10 + [429]


def test_a_first_password_needs_a_fresh_proof(cast: Cast) -> None:
    anna = without_password(cast)
    words = {"password1": "облако в штанах", "password2": "облако в штанах"}
    assert anna.post(f"{PROFILE}/password", words)["Location"].startswith(CONFIRM)
    cast.anna.refresh_from_db()
    assert not cast.anna.has_usable_password()


def test_nobody_removes_the_passkey_of_somebody_else(cast: Cast) -> None:
    key = Authenticator.objects.create(user=cast.boris, type=Authenticator.Type.WEBAUTHN, data={"name": "x"})
    assert logged_in(cast.anna).post(f"{PROFILE}/passkeys/{key.pk}/remove").status_code == 404
    assert Authenticator.objects.filter(pk=key.pk).exists()


def test_twenty_thousand_characters_wait_for_the_login(cast: Cast) -> None:
    browser = Client()
    browser.post(card(cast, "/comment"), {"comment": "ж" * 19_990 + "конец"})
    browser.force_login(cast.anna)
    assert "ж" * 19_990 + "конец" in browser.get(card(cast)).content.decode()


def test_thirty_passkeys_a_minute(db: None) -> None:
    browser = Client()
    codes = [
        browser.post("/servicedesk/customer/user/login/passkey", {"credential": "x"}).status_code for _ in range(31)
    ]
    assert codes == [302] * 30 + [429]


def test_five_new_passwords_a_minute(cast: Cast) -> None:
    anna = logged_in(cast.anna)
    assert [anna.post(f"{PROFILE}/password", {}).status_code for _ in range(6)] == [422] * 5 + [429]
    assert logged_in(cast.boris).post(f"{PROFILE}/password", {}).status_code == 422


def test_five_registrations_an_hour_from_one_place(cast: Cast) -> None:
    cast.desk.signup = True
    cast.desk.save()
    words = [{"name": "Вера", "email": f"vera{number}@clinic.test"} for number in range(6)]
    assert [Client().post(SIGN_UP, one).status_code for one in words] == [302] * 5 + [429]
    assert OutboundMail.objects.count() == 5
    assert Client(REMOTE_ADDR="198.51.100.7").post(SIGN_UP, words[5]).status_code == 302


def test_twenty_forgotten_passwords_an_hour_from_one_place_and_the_page_tells_nobody(cast: Cast) -> None:
    place = "/secure/ForgotLoginDetails.jspa"
    codes = [Client().post(place, {"email": f"x{number}@clinic.test"}).status_code for number in range(20)]
    assert codes == [302] * 20
    last = Client().post(place, {"email": "anna@clinic.test"})
    assert last.status_code in {302, 429} and not OutboundMail.objects.exists()
    assert Client(REMOTE_ADDR="198.51.100.7").post(place, {"email": "anna@clinic.test"}).status_code == 302
    assert OutboundMail.objects.filter(recipient="anna@clinic.test").count() == 1


def test_twenty_shares_an_hour_for_a_customer_and_as_many_as_needed_for_the_staff(cast: Cast) -> None:
    def share(who: Client) -> int:
        return who.post(card(cast, "/share"), {"email": "boris@clinic.test"}).status_code

    anna, agent = as_(cast.anna), as_(cast.agent)
    assert [share(anna) for _ in range(21)] == [302] * 20 + [422]
    assert [share(agent) for _ in range(21)] == [302] * 21
