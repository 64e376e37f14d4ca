"""Canonical form of mail addresses (AB-16)."""

import pytest

from otklik.people.addresses import BadAddress, canonical
from tests.refusing import refused_as


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Ivan.Petrov@Example.COM", "ivan.petrov@example.com"),
        ("  a+b@example.com ", "a+b@example.com"),
        ("почта@пример.рф", "почта@xn--e1afmkfd.xn--p1ai"),
        ("ivan@ПРИМЕР.рф", "ivan@xn--e1afmkfd.xn--p1ai"),
        ("user@client.test", "user@client.test"),
    ],
)
def test_one_form(given: str, kept: str) -> None:
    assert canonical(given) == kept


@pytest.mark.parametrize("twin", ["m\u0131ke@example.com", "mi\u212ae@example.com", "\ufb01ne@example.com"])
def test_ab_16_twins_never_equal_an_ascii_address(twin: str) -> None:
    try:
        form = canonical(twin)
    except BadAddress:
        return
    assert form not in {"mike@example.com", "fine@example.com"}


@pytest.mark.parametrize("bad", ["", "ivan", "@example.com", "a b@example.com", "a@b@c.example", "x" * 70 + "@e.com"])
def test_what_is_no_address_is_refused(bad: str) -> None:
    with refused_as("person.bad_address"):
        canonical(bad)
