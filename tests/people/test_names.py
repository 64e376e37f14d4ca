"""Display names of people known only by an address."""

import pytest
from django.test import Client

from otklik.people.actor import Actor
from otklik.people.commands.persons import ensure_person
from otklik.people.models import known_as
from otklik.tickets.commands.fields import add_participant
from tests.cast import START, Cast
from tests.portal.helpers import as_, card


@pytest.mark.parametrize(
    ("name", "address", "said"),
    [
        ("n.petrov", "n.petrov@clinic.test", "n.petrov@clinic.test"),
        ("Николай", "n.petrov@clinic.test", "Николай"),
        ("", "n.petrov@clinic.test", "n.petrov@clinic.test"),
        ("Николай", None, "Николай"),
        ("n.petrov", "other@clinic.test", "n.petrov"),
        ("", None, ""),
    ],
)
def test_a_name_that_was_made_of_the_address_is_none(name: str, address: str | None, said: str) -> None:
    assert known_as(name, address) == said


def test_staff_read_the_address_and_customers_do_not(cast: Cast) -> None:
    colleague = ensure_person(address="n.petrov@clinic.test", name="", at=START)[0]
    add_participant(actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, person=colleague)
    agents: Client = as_(cast.agent)
    page = agents.get(f"/browse/{cast.ticket.key}").content.decode()
    assert '<span class="people-text">n.petrov@clinic.test' in page
    assert "n.petrov@clinic.test" not in as_(cast.anna).get(card(cast)).content.decode()


def test_the_queue_names_a_requester_by_the_address(cast: Cast) -> None:
    cast.anna.name = "anna"
    cast.anna.save()
    queue = cast.desk.queues.order_by("position")[0]
    page = as_(cast.agent).get(f"/projects/{cast.desk.key}/queues/custom/{queue.pk}").content.decode()
    assert "anna@clinic.test" in page
