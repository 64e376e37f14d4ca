"""How often an act may be tried, how old a proof may be, and whose things it may touch. The numbers stand here."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from tests.cast import Cast
from tests.portal.helpers import as_, card, logged_in

PROFILE = "/servicedesk/customer/user/profile"
CONFIRM = "/servicedesk/customer/user/confirm"


@pytest.fixture(autouse=True)
def fresh(db: None) -> None:
    cache.clear()


def without_password(cast: Cast) -> Client:
    """Anna's browser; she has no password, and proved nothing lately."""
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
