"""Several addresses of one person: proof, primary address, removal, and merging of two accounts."""

import pytest

from otklik.desks.access import worked_desks
from otklik.desks.commands.create import set_role
from otklik.journal.models import Event
from otklik.people.actor import Actor, system
from otklik.people.commands.addresses import (
    ask_for_address,
    choose_primary,
    prove_address,
    remove_address,
)
from otklik.people.commands.persons import ensure_person
from otklik.people.models import AccountToken, Person
from otklik.people.queries import person_by_address, persons_by_addresses
from otklik.tickets.commands.fields import add_participant
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Message, Participant, Ticket
from tests.cast import START, Cast
from tests.refusing import refused_as
from tests.statement_caps import statements_at_most

HOME = "anna@home.test"


def asked(person: Person, address: str = HOME) -> str:
    return ask_for_address(person=person, address=address, at=START)[1]


def proved(person: Person, address: str = HOME) -> str:
    return prove_address(
        actor=Actor(person, "portal"),
        at=START,
        person=person,
        secret=asked(person, address),
        may_merge=lambda other: not worked_desks(other).exists(),
    )


def requested(cast: Cast, person: Person) -> Ticket:
    return open_ticket(
        actor=Actor(person, "mail"),
        at=START,
        desk=cast.desk,
        channel=Ticket.Channel.MAIL,
        subject="Из дома",
        words=Words("Пишу из дома."),
        requester=person,
        request_type=None,
    )


def test_a_proved_address_is_the_persons_own(cast: Cast) -> None:
    assert person_by_address(HOME) is None
    proved(cast.anna)
    assert person_by_address(HOME) == cast.anna
    assert ensure_person(address=" Anna@HOME.test", name="X", at=START) == (cast.anna, False)
    assert cast.anna.email == "anna@clinic.test"


def test_whose_an_address_is_costs_one_query(cast: Cast) -> None:
    proved(cast.anna)
    with statements_at_most("whose address"):
        assert person_by_address(HOME) == cast.anna
    with statements_at_most("whose address"):
        found = persons_by_addresses([HOME, "anna@clinic.test", "boris@clinic.test", "nobody@x.test"])
    assert found == {HOME: cast.anna, "anna@clinic.test": cast.anna, "boris@clinic.test": cast.boris}


def test_ab_36_an_account_somebody_logs_into_is_never_merged(cast: Cast) -> None:
    assert asked(cast.anna, "boris@clinic.test") == ""
    assert not AccountToken.objects.exists()


def test_ab_36_an_account_activated_meanwhile_is_not_merged(cast: Cast) -> None:
    other, _new = ensure_person(address=HOME, name="Анна", at=START)
    secret = asked(cast.anna)
    Person.objects.filter(pk=other.pk).update(activated_at=START)
    with refused_as("person.link_gone"):
        prove_address(actor=system(), at=START, person=cast.anna, secret=secret, may_merge=lambda _other: True)
    assert person_by_address(HOME) == other


def test_ab_36_powers_at_a_desk_are_not_inherited(cast: Cast) -> None:
    other, _new = ensure_person(address=HOME, name="Анна", at=START)
    set_role(actor=system(), at=START, desk=cast.other_desk, person=other, role="agent")
    with refused_as("person.link_gone"):
        proved(cast.anna)
    assert not worked_desks(cast.anna).exists()


def test_requests_of_the_newcomer_come_along(cast: Cast) -> None:
    other, _new = ensure_person(address=HOME, name="Анна", at=START)
    mine = requested(cast, other)
    shared = add_participant(actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, person=other)
    proved(cast.anna)
    assert Ticket.objects.get(pk=mine.pk).requester == cast.anna
    assert Message.objects.get(ticket=mine, opening=True).author == cast.anna
    assert Participant.objects.get(ticket=mine).person == cast.anna
    assert Participant.objects.filter(ticket=cast.ticket, person=cast.anna).count() == 1
    assert not Person.objects.filter(pk=other.pk).exists() and shared is not None
    event = Event.objects.get(kind="person.merged")
    assert (event.subject_id, event.data["merged"]) == (cast.anna.pk, other.pk)


def test_another_primary_address_and_an_end_to_the_first(cast: Cast) -> None:
    actor = Actor(cast.anna, "portal")
    proved(cast.anna)
    with refused_as("person.main_address_stays"):
        remove_address(actor=actor, at=START, person=cast.anna, address="anna@clinic.test")
    assert choose_primary(actor=actor, at=START, person=cast.anna, address=HOME) == "anna@clinic.test"
    cast.anna.refresh_from_db()
    assert cast.anna.email == HOME
    remove_address(actor=actor, at=START, person=cast.anna, address="anna@clinic.test")
    assert person_by_address("anna@clinic.test") is None


@pytest.mark.parametrize("address", ["boris@clinic.test", "nobody@x.test", "anna@clinic.test"])
def test_ab_35_no_foreign_or_unproved_address_becomes_the_primary_one(cast: Cast, address: str) -> None:
    asked(cast.anna, "nobody@x.test")
    with refused_as("person.not_for_main_address"):
        choose_primary(actor=system(), at=START, person=cast.anna, address=address)


def test_there_is_an_end_to_addresses(cast: Cast) -> None:
    for number in range(9):
        asked(cast.anna, f"anna{number}@home.test")
    with refused_as("person.too_many_addresses"):
        asked(cast.anna, "one-more@home.test")
    assert asked(cast.anna, "anna0@home.test")
