"""Password rules (section 3.4)."""

import hashlib
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from pytest_django.fixtures import Settings

from otklik.people.models import Person
from otklik.people.passwords import length_hint
from tests.cast import Cast


def refused(password: str, person: Person | None = None) -> bool:
    try:
        validate_password(password, person)
    except ValidationError:
        return True
    return False


def test_fifteen_characters_where_the_password_is_the_only_proof(cast: Cast) -> None:
    assert refused("облако в штана", cast.anna) and not refused("облако в штанах", cast.anna)
    assert "не менее 15 знаков" in length_hint(cast.anna).lower()


@pytest.mark.parametrize("kind", ["totp", "webauthn"])
def test_ten_beside_a_second_factor(cast: Cast, kind: str) -> None:
    Authenticator.objects.create(user=cast.anna, type=kind, data={})
    assert (
        refused("облако в ш", cast.boris) and not refused("облако в ш", cast.anna) and refused("облако в ", cast.anna)
    )


def test_recovery_codes_alone_are_no_second_factor(cast: Cast) -> None:
    Authenticator.objects.create(user=cast.anna, type="recovery_codes", data={})
    assert refused("облако в ш", cast.anna)


def test_a_site_may_ask_for_less_but_not_for_more_with_a_factor(cast: Cast, settings: Settings) -> None:
    settings.PASSWORD_LENGTH = 8
    assert not refused("клён и яс", cast.anna)


@pytest.mark.parametrize("password", ["ааааабббббвввввг", "пять пробелов     тут", "двенадцать обезьян", "x#7fQ" * 4])
def test_composition_does_not_matter(db: None, password: str) -> None:
    assert not refused(password)


@pytest.mark.parametrize(
    "password",
    [
        "password1234567",
        "1234567890-password",
        "пароль1234567890",  # "gfhjkm" in the other layout
        "qwertyuiop12345",
        "йцукенгшщз12345",
        "qwertyqwertyqwerty",
        "passwordpassword1",
        "iloveyou!!!!!!!!!!",
        "aaaaaaaaaaaaaaaaaa",
        "11111111111111111111",
    ],
)
def test_what_is_tried_first_is_refused_however_long(db: None, password: str) -> None:
    assert refused(password)


@pytest.mark.parametrize(
    "password", ["Анна Петрова 1985", "anna@clinic.test", "otklik-otklik-2026", "центр поддержки 1", "fyyf-gtnhjdf-85"]
)
def test_words_that_everybody_knows_are_refused(cast: Cast, password: str) -> None:
    assert refused(password, cast.anna)


def test_the_name_in_a_long_password_does_no_harm(cast: Cast) -> None:
    assert not refused("Анна и сорок разбойников", cast.anna)


@pytest.fixture(params=[1, 3, 5000])
def breached(request: pytest.FixtureRequest, tmp_path: Path, settings: Settings) -> list[str]:
    """Write a list of breached passwords of the requested length and return it."""
    passwords = [f"утёкший пароль № {n}" for n in range(request.param)]
    lines = sorted(f"{hashlib.sha1(one.encode()).hexdigest().upper()}:{n}" for n, one in enumerate(passwords))
    path = tmp_path / "breached.txt"
    path.write_text("\r\n".join(lines) + "\r\n")
    settings.BREACHED_PASSWORDS = str(path)
    return passwords


def test_an_own_list_of_breaches_is_asked(db: None, breached: list[str]) -> None:
    for password in (breached[0], breached[-1], *breached[:: max(1, len(breached) // 40)]):
        assert refused(password), password
    assert not refused("этого в списке нет, и хорошо")
