"""Messages of the password rules."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from pytest_django.fixtures import Settings

from otklik.people.models import Person
from otklik.people.passwords import rules_in_words, troubles
from otklik.portal.forms.account import FirstPasswordForm
from tests.cast import Cast

TRIED_FIRST = "Такой пароль пробуют первым. Возьмите несколько слов, не связанных ни с чем известным."


def said(password: str, person: Person) -> list[str]:
    form = FirstPasswordForm({"password1": password, "password2": password}, user=person)
    form.is_valid()
    return list(form.errors.get("password1", []))


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("Sidorova1965", "Не менее 15 знаков, сейчас 12."),
        ("я", "Не менее 15 знаков, сейчас 1."),
        ("anna@clinic.test1", "Слишком похож на ваш адрес."),
        ("Анна Петрова 123", "Слишком похож на ваше имя."),
        (
            "qwertyqwertyqwerty",
            "Такой пароль пробуют первым. Возьмите несколько слов, не связанных ни с чем известным.",
        ),
    ],
)
def test_one_reason_at_a_time_in_words_of_our_own(cast: Cast, password: str, words: str) -> None:
    assert said(password, cast.anna) == [words]


def test_the_list_that_is_ticked_off_names_the_rules_that_can_be_broken(cast: Cast) -> None:
    listed = {code for code, _words in rules_in_words(cast.anna)}
    broken = {code for word in ("a", "anna@clinic.test", "qwertyqwertyqwerty") for code, _ in troubles(word, cast.anna)}
    assert broken == listed and troubles("облако в штанах", cast.anna) == []


def test_the_length_of_the_list_is_that_of_the_person(cast: Cast, settings: Settings) -> None:
    assert rules_in_words(cast.anna)[0][1] == "Не менее 15 знаков"
    settings.PASSWORD_LENGTH = 12
    assert rules_in_words(cast.anna)[0][1] == "Не менее 12 знаков"


def test_the_rules_still_refuse_by_djangos_own_way(cast: Cast) -> None:
    with pytest.raises(ValidationError):
        validate_password("anna@clinic.test", cast.anna)
