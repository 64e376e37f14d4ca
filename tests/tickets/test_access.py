"""The access policy itself, independent of pages, mail and programs."""

from datetime import timedelta

import pytest

from otklik.desks.access import is_agent, is_lead, led_desks, usable_types, worked_desks
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets.access import (
    customer_tickets,
    involved_tickets,
    may_write,
    organization_tickets,
    readable_messages,
    ticket_for_agent,
    ticket_for_customer,
    visible_tickets,
    worked_tickets,
)
from otklik.tickets.commands.approve import ask_approval, withdraw_approval
from otklik.tickets.models import Participant
from tests.cast import NOTE_CANARY, START, Cast


@pytest.mark.parametrize("who", ["anna", "boris", "agent", "lead", "admin"])
def test_ab_07_a_deactivated_person_sees_and_does_nothing(cast: Cast, who: str) -> None:
    person: Person = getattr(cast, who)
    assert visible_tickets(person).exists()
    person.is_active = False
    person.save()
    for tickets in (visible_tickets, involved_tickets, customer_tickets, worked_tickets):
        assert not tickets(person).exists(), tickets.__name__
    assert not organization_tickets(person, 1).exists()
    assert ticket_for_agent(person, cast.ticket.key) is None and ticket_for_customer(person, cast.ticket.key) is None
    assert not worked_desks(person).exists() and not led_desks(person).exists()
    assert not is_agent(person, cast.desk) and not is_lead(person, cast.desk)


def test_ab_48_who_does_not_work_there_reads_nothing_as_an_agent(cast: Cast) -> None:
    def read(who: Person) -> str:
        return " ".join(message.text for message in readable_messages(who, cast.ticket, as_agent=True))

    assert NOTE_CANARY in read(cast.agent)
    for who in (cast.anna, cast.boris, cast.stranger, cast.agent_elsewhere):
        assert read(who) == "", who


def test_ab_44_a_question_taken_back_opens_the_request_no_more(cast: Cast) -> None:
    agent = Actor(cast.agent, "agent")
    asked = ask_approval(
        actor=agent, at=START, ticket=cast.ticket, people=[cast.stranger], rule="all", question="Можно?"
    )
    for tickets in (visible_tickets, customer_tickets):
        assert list(tickets(cast.stranger)) == [cast.ticket], tickets.__name__
    withdraw_approval(actor=agent, at=START + timedelta(hours=1), approval=asked)
    for tickets in (visible_tickets, customer_tickets):
        assert not tickets(cast.stranger).exists(), tickets.__name__


def test_ab_47_a_restricted_type_is_for_whom_it_names(cast: Cast) -> None:
    kind = usable_types(cast.anna, cast.desk)[0]
    kind.restricted = True
    kind.save()
    kind.allowed_people.add(cast.anna)
    assert kind in usable_types(cast.anna, cast.desk) and kind in usable_types(cast.agent, cast.desk)
    for who in (cast.boris, cast.stranger, cast.agent_elsewhere):
        assert kind not in usable_types(who, cast.desk), who


def test_ab_07_who_was_taken_off_finds_the_request_in_no_list(cast: Cast) -> None:
    lists = (involved_tickets, customer_tickets, visible_tickets)
    assert all(cast.ticket in seen(cast.boris) for seen in lists)
    Participant.objects.filter(ticket=cast.ticket, person=cast.boris).update(removed_at=START, epoch=2)
    assert not any(cast.ticket in seen(cast.boris) for seen in lists)
    assert all(cast.ticket in seen(cast.anna) for seen in lists)


@pytest.mark.parametrize("who", ["anna", "boris", "agent", "admin"])
def test_ab_07_who_is_switched_off_writes_nowhere(cast: Cast, who: str) -> None:
    person: Person = getattr(cast, who)
    assert may_write(person, cast.ticket)
    person.is_active = False
    assert not may_write(person, cast.ticket)
