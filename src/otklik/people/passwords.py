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
# So many letters and digits must be left when what everybody knows is taken out; so long must be what is repeated.
_OWN, _REPEATED = 8, 4
_PRODUCT = ("otklik", "отклик")
_WORD = re.compile(r"[^\W_]{4,}")
_SIGN = re.compile(r"[\W_]+")
# What is put around a word to make it longer.
_PADDING = re.compile(r"^[\d\W_]+|[\d\W_]+$")


def shortest_for(user: Any) -> int:
    """How many characters the person's password needs: fewer for somebody whose password is not the only proof."""
    if isinstance(user, Person) and user.pk and has_second_factor(user):
        return int(settings.PASSWORD_LENGTH_WITH_FACTOR)
    return int(settings.PASSWORD_LENGTH)


def is_too_short_alone(person: Person) -> bool:
    """Whether the second factor is gone beside which the person chose a shorter password than is asked without one."""
    return (
        person.password_short
        and settings.PASSWORD_LOGIN
        and person.has_usable_password()
        and not has_second_factor(person)
    )


def troubles(password: str, user: Any) -> list[tuple[str, str]]:
    """Which rules of the settings it breaks: the code and the words of each, in the order of the settings."""
    troubles_found: list[tuple[str, str]] = []
    for rule in get_default_password_validators():
        try:
            rule.validate(password, user)
        except ValidationError as error:
            troubles_found.append((str(error.code), error.messages[0]))
    return troubles_found


def rules_in_words(user: Any) -> list[tuple[str, str]]:
    """What a new password of this person must be, by the codes of `troubles`: a list that can be ticked off."""
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
    """What stands below the field of a new password."""
    count = shortest_for(user)
    hint = ngettext(
        "At least %(count)d character. A few words that are easy to remember make a good password.",
        "At least %(count)d characters. A few words that are easy to remember make a good password.",
        count,
    )
    return hint % {"count": count}


class MinimumLength:
    """At least as many characters as `shortest_for` says."""

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
    """Django's comparison with name and address, in our words."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for what resembles either."""
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
    """Refuse what would only cost hashing time (AB-42); everything up to the limit counts, nothing is cut off."""

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
    """Refuse what is tried first: common passwords, also padded, repeated or typed in the other keyboard layout; words
    that everybody knows (product, site, own name and address); and what stands in the operator's list of breaches."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise ValidationError for any of these."""
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
    """Whether it is one of the 20,000 most frequent, or these keys pressed in the Russian layout."""
    return password in _common() or to_latin(password) in _common()


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)


def _cores(password: str) -> set[str]:
    """The password and what it was made of: without digits and signs around it, and what is repeated in it."""
    whole = fold(password)
    bare = _PADDING.sub("", whole)
    return {core for core in (whole, bare, *(_PADDING.sub("", _repeated(core)) for core in (whole, bare))) if core}


def _repeated(text: str) -> str:
    """What the text repeats from its beginning to its end: "abc" of "abcabcab"; the text itself if it does not."""
    for length in range(1, len(text) // 2 + 1):
        if (text[:length] * (len(text) // length + 1)).startswith(text):
            return text[:length]
    return text


def _own_part(password: str, user: object) -> int:
    """How many letters and digits are left without the words that others know; many if there are none in it."""
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
