"""Typed addresses must have a host that can receive mail."""

import pytest
from django.utils import timezone

from otklik.people.commands.persons import ensure_person
from otklik.people.models import Person
from otklik.people.queries import typed_address
from otklik.tickets.models import Approval, Participant
from tests.cast import Cast
from tests.portal.helpers import card
from tests.refusing import refused_as
from tests.workspace.helpers import as_, page_of, words_said

HOSTLESS = ["nobody@x", "anna@clinic", "ivanova@gmail", "кто-то@локальный"]


@pytest.mark.parametrize("typed", HOSTLESS)
def test_a_slip_is_told_wherever_an_address_is_typed(cast: Cast, typed: str) -> None:
    agent, url, people = as_(cast.agent), f"/browse/{cast.ticket.key}", Person.objects.count()
    asked = agent.post(f"{url}/approvals", {"addresses": f"boris@clinic.test, {typed}", "rule": "one", "question": "?"})
    assert "Это не адрес электронной почты" in words_said(asked)[-1] and not Approval.objects.exists()
    assert typed in page_of(agent.get(url))
    agent.post(f"{url}/participants", {"address": typed})
    agent.post(f"{url}/requester", {"new": typed})
    shared = as_(cast.anna).post(card(cast, "/share"), {"email": typed})
    assert shared.status_code == 422 and typed in page_of(shared)
    assert Person.objects.count() == people and Participant.objects.filter(ticket=cast.ticket).count() == 2


def test_mail_inside_may_go_to_a_bare_host_where_somebody_is_known(cast: Cast) -> None:
    ensure_person(address="root@server1", name="", at=timezone.now())
    assert typed_address("Petrov@SERVER1") == "petrov@server1"
    assert typed_address("a@clinic.test") == "a@clinic.test"
    with refused_as("person.bad_address"):
        typed_address("petrov@server2")
