"""A key that a ticket had before."""

import pytest

from otklik.people.actor import Actor
from otklik.tickets.commands.alias import add_alias
from otklik.tickets.commands.base import UnableToChange
from tests.cast import START, Cast
from tests.tickets.test_keys import CLI, alias, opened


def test_one_key_was_one_tickets(cast: Cast) -> None:
    alias(cast)
    with pytest.raises(UnableToChange):
        add_alias(actor=CLI, at=START, ticket=opened(cast.desk), key="OLD-17")


def test_only_admins_and_the_product_add_old_keys(cast: Cast) -> None:
    for person in (cast.lead, cast.agent, cast.anna, None):
        with pytest.raises(UnableToChange):
            add_alias(actor=Actor(person, "agent"), at=START, ticket=cast.ticket, key="OLD-17")
    assert add_alias(actor=Actor(cast.admin, "agent"), at=START, ticket=cast.ticket, key="OLD-17").ticket == cast.ticket
