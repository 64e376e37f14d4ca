"""Cached URL patterns give the same URLs as Django, for every page and argument."""

from collections.abc import Iterator

import pytest
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from otklik.ui.addresses import _form, address_of

# By the kind of a place: what may stand there.
FITTING: dict[str, list[str | int]] = {
    "IntConverter": [0, 7, 2**63 - 1],
    "TicketKey": ["ACCREDO-4", "A1-1", "A_B0000000000000000-1234567890"],
    "RequestKey": ["ACCREDO-4", "A1-1"],
    "DeskKey": ["ACCREDO", "AB"],
    "StringConverter": ["words", "б ?", "ACCREDO-4"],
    "SlugConverter": ["a-b"],
}


def named(
    patterns: list[URLPattern | URLResolver], inside: str = "", above: tuple[str, ...] = ()
) -> Iterator[tuple[str, list[str]]]:
    for pattern in patterns:
        kinds = (*above, *(type(one).__name__ for one in pattern.pattern.converters.values()))
        if isinstance(pattern, URLResolver):
            space = f"{inside}{pattern.namespace}:" if pattern.namespace else inside
            yield from named(pattern.url_patterns, space, kinds)
        elif pattern.name:
            yield f"{inside}{pattern.name}", list(kinds)


def given(view: str, arguments: list[str | int]) -> str:
    try:
        return reverse(view, args=arguments)
    except NoReverseMatch:
        return ""


def made(view: str, arguments: list[str | int]) -> str:
    try:
        return address_of(view, *arguments)
    except NoReverseMatch:
        return ""


def test_they_are_djangos() -> None:
    views = [(view, kinds) for view, kinds in named(get_resolver().url_patterns) if set(kinds) <= set(FITTING)]
    assert len(views) > 100
    for view, kinds in views:
        for turn in range(3):
            arguments = [FITTING[kind][turn % len(FITTING[kind])] for kind in kinds]
            assert made(view, arguments) == given(view, arguments) == made(view, arguments), (view, arguments)


def test_a_tickets_are_made_without_asking() -> None:
    _form.cache_clear()
    made = [address_of("workspace:forward", f"ACCREDO-{number}", number) for number in range(1, 4)]
    assert made == [f"/browse/ACCREDO-{number}/messages/{number}/forward" for number in range(1, 4)]
    assert (_form.cache_info().misses, _form.cache_info().hits) == (1, 2)


@pytest.mark.parametrize("key", ["ACCREDO", "-1", "A-1", "ACCREDO-4/../..", "ACCREDO-4?x", "ACCREDO-4\n", "{0}-1", ""])
def test_what_no_ticket_is_called_has_no_address(key: str) -> None:
    with pytest.raises(NoReverseMatch):
        address_of("workspace:ticket", key)


@pytest.mark.parametrize("number", [-1, True, "x", "7"])
def test_odd_numbers_are_left_to_django(number: int | str) -> None:
    assert made("workspace:forward", ["ACCREDO-4", number]) == given("workspace:forward", ["ACCREDO-4", number])
