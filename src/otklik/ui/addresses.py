"""Cached URLs of pages, since a ticket's page has fifty of them and reverse() is slow."""

import re
from functools import lru_cache

from django.conf import settings
from django.urls import NoReverseMatch, reverse

# As `workspace.url_converters.TicketKey`, in capitals only, as keys are stored.
_TICKET_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,19}-[0-9]{1,10}", re.ASCII)
_SOME_KEY, _SOME_NUMBER = "M0000000000000000000-{}", 987_000_000_000_000_000


def address_of(view: str, *arguments: str | int) -> str:
    """Return what `reverse` returns for a view and positional arguments. Raises NoReverseMatch."""
    urlconf = str(settings.ROOT_URLCONF)
    if arguments and all(map(_fits_in, arguments)):
        form = _form(urlconf, view, tuple(map(type, arguments)))
        if form:
            return form.format(*arguments)
    return _address(urlconf, view, *arguments)


def _fits_in(argument: str | int) -> bool:
    """Return whether it may be put into a cached pattern: a non-negative number or a ticket's key."""
    if type(argument) is int:
        return argument >= 0
    return type(argument) is str and _TICKET_KEY.fullmatch(argument) is not None


@lru_cache(maxsize=500)
def _form(urlconf: str, view: str, kinds: tuple[type, ...]) -> str:
    """Return the URL with `{}` in place of each argument; "" if it cannot be derived."""
    samples = [_SOME_NUMBER + place if kind is int else _SOME_KEY.format(place) for place, kind in enumerate(kinds)]
    try:
        form = reverse(view, urlconf=urlconf, args=samples)
    except NoReverseMatch:
        return ""
    printed = list(map(str, samples))
    any_sample = "|".join(map(re.escape, printed))
    parts = re.split(any_sample, form)
    in_order = re.findall(any_sample, form) == printed
    return "{}".join(parts) if in_order and "{" not in form else ""


@lru_cache(maxsize=2000, typed=True)
def _address(urlconf: str, view: str, *arguments: str | int) -> str:
    return reverse(view, urlconf=urlconf, args=arguments)
