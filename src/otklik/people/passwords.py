"""Password validators (section 3.4 of the security catalogue): length and guessability count, composition does not. No
network service is asked.
"""

import re
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    UserAttributeSimilarityValidator,
    get_default_password_validators,
)
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.search_text import fold, to_latin, to_russian
from otklik.people.breached_passwords import is_breached
from otklik.people.models import Person
from otklik.people.queries import has_second_factor

LONGEST = 1024
# Codes of rules, as Django calls them.
TOO_SHORT, TOO_SIMILAR, TOO_COMMON = "password_too_short", "password_too_similar", "password_too_common"
# The fewest letters and digits besides known words, and the shortest unit that may be repeated.
_OWN, _REPEATED = 8, 4
_PRODUCT = ("otklik", "отклик")
_WORD = re.compile(r"[^\W_]{4,}")
_SIGN = re.compile(r"[\W_]+")
# Digits and signs around a word.
_PADDING = re.compile(r"^[\d\W_]+|[\d\W_]+$")


def shortest_for(user: Any) -> int:
    """Return the minimum password length, which is smaller for people with a second factor."""
    if isinstance(user, Person) and user.pk and has_second_factor(user):
        return int(settings.PASSWORD_LENGTH_WITH_FACTOR)
    return int(settings.PASSWORD_LENGTH)


def is_too_short_alone(person: Person) -> bool:
    """Return whether the person chose a shorter password beside a second factor that has since been removed."""
    return (
        person.password_short
        and settings.PASSWORD_LOGIN
        and person.has_usable_password()
        and not has_second_factor(person)
    )


def troubles(password: str, user: Any) -> list[tuple[str, str]]:
    """Return (code, message) for each rule that the password breaks, in the order of AUTH_PASSWORD_VALIDATORS."""
    troubles_found: list[tuple[str, str]] = []
    for rule in get_default_password_validators():
        try:
            rule.validate(password, user)
        except ValidationError as error:
            troubles_found.append((str(error.code), error.messages[0]))
    return troubles_found


def rules_in_words(user: Any) -> list[tuple[str, str]]:
    """Return (code, message) for the rules to tick off beside the field; the codes are those of `troubles`."""
    count = shortest_for(user)
    return [
        (
            TOO_SHORT,
            ngettext("At least %(count)d character", "At least %(count)d characters", count) % {"count": count},
        ),
        (TOO_SIMILAR, _("Not your name or address")),
        (TOO_COMMON, _("Nothing that is tried first: “12345…”, “qwerty…”, “password”")),
    ]


def length_hint(user: Any) -> str:
    """Return the hint below a new password's field."""
    count = shortest_for(user)
    hint = ngettext(
        "At least %(count)d character. A few words that are easy to remember make a good password.",
        "At least %(count)d characters. A few words that are easy to remember make a good password.",
        count,
    )
    return hint % {"count": count}


class MinimumLength:
    """Require the number of characters that `shortest_for` gives."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise ValidationError if the password is shorter than `shortest_for(user)`."""
        count, least = len(password), shortest_for(user)
        if count < least:
            message = ngettext(
                "At least %(least)d character, please; so far it is %(count)d.",
                "At least %(least)d characters, please; so far it is %(count)d.",
                least,
            )
            raise ValidationError(message % {"least": least, "count": count}, code=TOO_SHORT)

    def get_help_text(self) -> str:
        return length_hint(None)


class NotOneself(UserAttributeSimilarityValidator):
    """Django's comparison with name and address, with our messages."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError if the password resembles name or address."""
        if user is None:
            return
        for attribute, message in (
            ("email", _("Too similar to your address.")),
            ("name", _("Too similar to your name.")),
        ):
            try:
                UserAttributeSimilarityValidator((attribute,), self.max_similarity).validate(password, user)
            except ValidationError:
                raise ValidationError(message, code=TOO_SIMILAR) from None

    def get_help_text(self) -> str:
        return _("Not your name or address")


class MaximumLength:
    """Reject passwords whose hashing would cost too much time (AB-42). Nothing is truncated."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise ValidationError for more than LONGEST characters."""
        if len(password) > LONGEST:
            raise ValidationError(
                ngettext(
                    "The password may have at most %(count)d character.",
                    "The password may have at most %(count)d characters.",
                    LONGEST,
                )
                % {"count": LONGEST},
                code="password_too_long",
            )

    def get_help_text(self) -> str:
        return _("Any characters are allowed, spaces too.")


class NotExpected:
    """Reject passwords that are tried first.

    Common ones, also padded, repeated or typed in the other keyboard layout; those made of known words (product, site,
    own name and address); and those in the operator's list of breached passwords.
    """

    def validate(self, password: str, user: object = None) -> None:
        """Raise ValidationError if the password is easy to guess. Raises OSError if the list cannot be read."""
        is_dull = len(_repeated(fold(password))) < _REPEATED
        if is_dull or any(is_common(core) for core in _cores(password)) or is_breached(password):
            raise ValidationError(
                _("This password is among those that are tried first. Take a few words that belong to nothing known."),
                code=TOO_COMMON,
            )
        if _own_part(password, user) < _OWN:
            raise ValidationError(
                _("This password consists of words that others know: your name or address, or the name of this site."),
                code=TOO_SIMILAR,
            )

    def get_help_text(self) -> str:
        return _("Not one of those that are tried first.")


def is_common(password: str) -> bool:
    """Return whether it is among Django's 20,000 common passwords, also as typed in the Russian keyboard layout."""
    return password in _common() or to_latin(password) in _common()


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)


def _cores(password: str) -> set[str]:
    """Return the password and its cores: without digits and signs around it, and the unit that is repeated in it."""
    whole = fold(password)
    bare = _PADDING.sub("", whole)
    return {core for core in (whole, bare, *(_PADDING.sub("", _repeated(core)) for core in (whole, bare))) if core}


def _repeated(text: str) -> str:
    """Return the unit that the text repeats from beginning to end: "abc" of "abcabcab"; else the text itself."""
    for length in range(1, len(text) // 2 + 1):
        if (text[:length] * (len(text) // length + 1)).startswith(text):
            return text[:length]
    return text


def _own_part(password: str, user: object) -> int:
    """Return how many letters and digits remain without known words; _OWN if the password contains none."""
    whole = rest = fold(password)
    for word in sorted(_known_words(user), key=len, reverse=True):
        for typed in (word, to_latin(word), to_russian(word)):
            rest = rest.replace(typed, " ")
    return len(_SIGN.sub("", rest)) if rest != whole else _OWN


def _known_words(user: object) -> set[str]:
    texts = [*_PRODUCT, str(settings.SITE_NAME), urlsplit(settings.PUBLIC_URL).hostname or ""]
    if isinstance(user, Person):
        texts += [user.name, user.email or ""]
    return {word for text in texts for word in _WORD.findall(fold(text))}
