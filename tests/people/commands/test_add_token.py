"""`add_token` creates an API token."""

from typing import Any

import pytest

from otklik.people.actor import system
from otklik.people.commands.api_tokens import add_token
from otklik.people.models import ApiToken, Person
from otklik.people.tokens import digest_of
from tests.acting import by, locks, refuses, tells
from tests.cast import START, Cast
from tests.refusing import refused_as


def test_a_token_needs_a_name(cast: Cast) -> None:
    with refused_as("person.token_name_missing"):
        add_token(actor=system("cli"), at=START, person=cast.agent, name=" ")


@pytest.mark.parametrize("more", [{"scopes": []}, {"scopes": ["read", "root"]}, {"rate": 0}, {"rate": 60_001}])
def test_a_token_that_may_nothing_or_is_never_usable_is_not_made(cast: Cast, more: dict[str, Any]) -> None:
    with refused_as("person.scope_missing", "person.rate_invalid"):
        add_token(actor=system("cli"), at=START, person=cast.agent, name="x", **more)
    assert not ApiToken.objects.exists()


def test_the_secret_is_told_once_and_kept_as_a_hash(cast: Cast) -> None:
    with tells("person.token_added"):
        row, secret = add_token(**by(cast.anna), person=cast.anna, name=" Обмен  с 1С ", scopes=["read"], rate=60)
    assert (row.name, row.digest, row.scopes, row.rate) == ("Обмен с 1С", digest_of(secret), ["read"], 60)


def test_nobody_has_more_than_enough(cast: Cast) -> None:
    for number in range(20):
        add_token(**by(cast.anna), person=cast.anna, name=f"{number}")
    with refuses("person.too_many_tokens"):
        add_token(**by(cast.anna), person=cast.anna, name="ещё")


def test_only_ones_own_live_tokens_count(cast: Cast) -> None:
    for number in range(20):
        add_token(**by(cast.anna), person=cast.anna, name=f"{number}")
    add_token(**by(cast.boris), person=cast.boris, name="свой")
    ApiToken.objects.filter(person=cast.anna, name="3").update(expires_at=by()["at"])
    add_token(**by(cast.anna), person=cast.anna, name="вместо того, что кончился")
    with refuses("person.too_many_tokens"):
        add_token(**by(cast.anna), person=cast.anna, name="ещё")


def test_who_is_switched_off_gets_no_token(cast: Cast) -> None:
    cast.anna.is_active = False
    with refused_as("person.token_name_missing"):
        add_token(actor=system("cli"), at=START, person=cast.anna, name="x")


@pytest.mark.parametrize("rate", [1, 60_000])
def test_the_least_and_the_most_that_a_token_may_be_used(cast: Cast, rate: int) -> None:
    assert add_token(actor=system("cli"), at=START, person=cast.agent, name="x", rate=rate)[0].rate == rate


def test_of_two_made_at_once_the_second_is_counted_after_the_first(cast: Cast) -> None:
    with locks(Person):
        add_token(**by(cast.anna), person=cast.anna, name="x")
