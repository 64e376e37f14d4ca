"""People known only by an address are shown by it on agents' pages, in events as well."""

import re

import pytest
from django.utils import timezone

from otklik.people.actor import Actor
from otklik.people.commands.persons import ensure_person
from otklik.people.models import Person
from otklik.tickets.commands.approve import answer_approval, ask_approval, remind_approval
from otklik.tickets.commands.fields import add_participant, remove_participant
from otklik.tickets.commands.requester import change_requester
from otklik.tickets.models import Ticket
from tests.cast import Cast
from tests.portal.helpers import card
from tests.workspace.helpers import as_, page_of


@pytest.fixture
def boss(db: None) -> Person:
    """Return a person known only by an address."""
    return ensure_person(address="boss@clinic.test", name="", at=timezone.now())[0]


def lines(cast: Cast) -> list[str]:
    """Return the event lines, as the agent reads them."""
    page = page_of(as_(cast.agent).get(f"/browse/{cast.ticket.key}"))
    found = re.findall(r'<li class="event-line[^>]*>(.*?)</li>', page, re.DOTALL)
    return [" ".join(re.sub("<[^>]*>", " ", one).split()) for one in found]


def test_who_is_asked_for_an_approval_reminded_and_answers(cast: Cast, boss: Person) -> None:
    agent, at = Actor(cast.agent, "agent"), timezone.now()
    approval = ask_approval(actor=agent, at=at, ticket=cast.ticket, people=[boss, cast.boris], rule="all")
    assert "Согласование запрошено у: boss@clinic.test, Борис Щукин" in lines(cast)[-1]
    remind_approval(at=at, approval=approval)
    assert "boss@clinic.test, Борис Щукин" in lines(cast)[-1]
    answer_approval(actor=Actor(boss, "portal"), at=at, approval=approval, approved=True)
    # Who did it is who is named, and stands there once.
    assert lines(cast)[-1].count("boss@clinic.test") == 1


def test_who_joins_becomes_the_requester_and_is_taken_off(cast: Cast, boss: Person) -> None:
    agent, at = Actor(cast.agent, "agent"), timezone.now()
    add_participant(actor=agent, at=at, ticket=cast.ticket, person=boss, sees_all=False)
    assert "boss@clinic.test" in lines(cast)[-1]
    change_requester(actor=agent, at=at, ticket=cast.ticket, person=boss)
    assert "Анна Петрова → boss@clinic.test" in lines(cast)[-1]
    change_requester(actor=agent, at=at, ticket=Ticket.objects.get(pk=cast.ticket.pk), person=cast.anna)
    assert "boss@clinic.test → Анна Петрова" in lines(cast)[-1]
    remove_participant(actor=agent, at=at, ticket=cast.ticket, person=boss)
    assert "boss@clinic.test" in lines(cast)[-1]


def test_customers_read_no_address_of_others(cast: Cast, boss: Person) -> None:
    ask_approval(actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, people=[boss], rule="one")
    page = page_of(as_(cast.anna).get(card(cast)))
    assert "boss" in page and "boss@clinic.test" not in page
