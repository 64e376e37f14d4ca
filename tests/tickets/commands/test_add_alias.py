"""`add_alias` adds a former key to a ticket."""

import pytest

from otklik.people.actor import Actor
from otklik.tickets.commands.base import UnableToChange
from otklik.tickets.commands.former_keys import add_alias
from tests.acting import by, tells
from tests.cast import START, Cast
from tests.refusing import refused_as
from tests.tickets.test_keys import CLI, alias, opened


def test_one_key_was_one_tickets(cast: Cast) -> None:
    alias(cast)
    with refused_as("ticket.key_was_used"):
        add_alias(actor=CLI, at=START, ticket=opened(cast.desk), key="OLD-17")


def test_only_admins_and_the_product_add_old_keys(cast: Cast) -> None:
    for person in (cast.lead, cast.agent, cast.anna, None):
        with refused_as("ticket.admins_only"):
            add_alias(actor=Actor(person, "agent"), at=START, ticket=cast.ticket, key="OLD-17")
    assert add_alias(actor=Actor(cast.admin, "agent"), at=START, ticket=cast.ticket, key="OLD-17").ticket == cast.ticket


def test_a_desk_leaves_no_numbers_out_unless_that_is_meant(cast: Cast) -> None:
    for number in (2, 999_999_999):
        with tells(), pytest.raises(UnableToChange) as refused:
            add_alias(**by(), ticket=cast.ticket, key=f"ACCREDO-{number}")
        assert refused.value.code == "ticket.key_ahead" and "--skip-numbers" in str(refused.value)
    assert opened(cast.desk).key == "ACCREDO-2", "nothing was moved"
    with tells("ticket.alias_added"):
        add_alias(**by(), ticket=cast.ticket, key="ACCREDO-40", skip_numbers=True)
    assert opened(cast.desk).key == "ACCREDO-41"


def test_a_number_that_was_given_and_a_key_of_no_desk_ask_nothing(cast: Cast) -> None:
    gone = opened(cast.desk)
    gone.delete()
    assert add_alias(**by(), ticket=cast.ticket, key=gone.key).key == "ACCREDO-2"
    assert add_alias(**by(), ticket=cast.ticket, key="OLD-999999999").number == 999_999_999
