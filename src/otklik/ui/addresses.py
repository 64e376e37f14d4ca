"""Cached URLs of pages, since a ticket's page has fifty of them and reverse() is slow."""

import re
from functools import lru_cache

from django.conf import settings
from django.urls import NoReverseMatch, reverse

# What `workspace.url_converters.TicketKey` takes, in capitals, as the tickets' own keys are.
_TICKET_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,19}-[0-9]{1,10}", re.ASCII)
_SOME_KEY, _SOME_NUMBER = "M0000000000000000000-{}", 987_000_000_000_000_000


def address_of(view: str, *arguments: str | int) -> str:
    """What `reverse` gives for a view and its arguments by place. Raises NoReverseMatch as it does."""
    urlconf = str(settings.ROOT_URLCONF)
    if arguments and all(map(_fits_in, arguments)):
        form = _form(urlconf, view, tuple(map(type, arguments)))
        if form:
            return form.format(*arguments)
    return _address(urlconf, view, *arguments)


def _fits_in(argument: str | int) -> bool:
    """Whether it may stand wherever another of its kind may: a number, the key of a ticket."""
    if type(argument) is int:
        return argument >= 0
    return type(argument) is str and _TICKET_KEY.fullmatch(argument) is not None


@lru_cache(maxsize=500)
def _form(urlconf: str, view: str, kinds: tuple[type, ...]) -> str:
    """The address with `{}` in the place of each argument; "" where its keys are no tickets', or something is odd."""
    some = [_SOME_NUMBER + place if kind is int else _SOME_KEY.format(place) for place, kind in enumerate(kinds)]
    try:
        form = reverse(view, urlconf=urlconf, args=some)
    except NoReverseMatch:
        return ""
    parts = re.split("|".join(re.escape(str(one)) for one in some), form)
    in_order = re.findall("|".join(re.escape(str(one)) for one in some), form) == [str(one) for one in some]
    return "{}".join(parts) if in_order and "{" not in form else ""


@lru_cache(maxsize=2000, typed=True)
def _address(urlconf: str, view: str, *arguments: str | int) -> str:
    return reverse(view, urlconf=urlconf, args=arguments)
