"""`lastViewed` and `issueHistory()`: what the asker opened, and nobody else's openings."""

from datetime import timedelta

import pytest
from django.utils import timezone

from otklik.people.models import Person
from otklik.tickets.jql.evaluation_context import Asker
from otklik.tickets.jql.find import find
from otklik.tickets.jql.parse import parse
from otklik.tickets.models import Seen, Ticket
from otklik.tickets.read_marks import look, look_as_staff
from tests.cast import Cast, as_
from tests.tickets.bulk.parts import more_tickets

NOW = timezone.now()


@pytest.fixture
def three(cast: Cast) -> list[str]:
    """Return keys of three tickets: the agent opened the first nine days ago, the second today; the lead the third."""
    tickets = more_tickets(cast, 3)
    for person, ticket, at in (
        (cast.agent, tickets[0], NOW - timedelta(days=9)),
        (cast.agent, tickets[1], NOW - timedelta(minutes=5)),
        (cast.lead, tickets[2], NOW - timedelta(minutes=5)),
    ):
        look_as_staff(person=person, ticket=ticket, at=at, until=at)
    return [ticket.key for ticket in tickets]


def keys(text: str, person: Person | None) -> list[str]:
    return list(find(parse(text), Asker(person, NOW)).values_list("key", flat=True))


def test_what_one_opened_is_found_latest_first(cast: Cast, three: list[str]) -> None:
    first, second, third = three
    assert keys("key in issueHistory() ORDER BY lastViewed DESC", cast.agent) == [second, first]
    assert keys("key in issueHistory() ORDER BY просмотрено ASC", cast.agent) == [first, second]
    assert keys("lastViewed >= -7d", cast.agent) == [second]
    assert keys("lastViewed < -7d", cast.agent) == [first]
    assert keys(f"lastViewed = {NOW - timedelta(days=9):%Y-%m-%d}", cast.agent) == [first]
    assert keys("issue not in issueHistory() AND lastViewed is EMPTY", cast.agent) == [third]
    # What was never opened comes last, upwards and downwards.
    assert keys("key is not EMPTY ORDER BY lastViewed", cast.agent) == [second, first, third]
    assert keys("key is not EMPTY ORDER BY lastViewed ASC", cast.agent) == [first, second, third]


def test_nobody_learns_by_it_what_others_opened(cast: Cast, three: list[str]) -> None:
    assert keys("key in issueHistory()", cast.lead) == keys("lastViewed is not EMPTY", cast.lead) == [three[2]]
    assert keys("key in issueHistory()", cast.anna) == []
    assert keys("lastViewed is not EMPTY", None) == keys("lastViewed > -30d", None) == []


def test_a_customers_openings_are_theirs_and_only_of_what_they_see(cast: Cast, three: list[str]) -> None:
    for key in three[:2]:
        look(person=cast.anna, ticket=Ticket.objects.get(key=key), at=NOW)
    Ticket.objects.filter(key=three[0]).update(requester=cast.boris)
    Ticket.objects.get(key=three[0]).participants.all().delete()
    assert keys("key in issueHistory()", cast.anna) == [three[1]]


def test_the_history_holds_fifty(cast: Cast) -> None:
    tickets = more_tickets(cast, 52)
    Seen.objects.bulk_create(
        Seen(person=cast.agent, ticket=ticket, at=NOW - timedelta(minutes=number))
        for number, ticket in enumerate(tickets)
    )
    assert set(keys("key in issueHistory()", cast.agent)) == {ticket.key for ticket in tickets[:50]}


def test_opening_the_page_counts_each_time_and_a_head_request_does_not(cast: Cast) -> None:
    agent, url = as_(cast.agent), f"/browse/{cast.ticket.key}"
    agent.head(url)
    assert not Seen.objects.filter(person=cast.agent).exists()
    agent.get(url)
    first = Seen.objects.get(person=cast.agent, ticket=cast.ticket)
    agent.get(url)
    assert Seen.objects.get(person=cast.agent, ticket=cast.ticket).at > first.at
    as_(cast.agent_elsewhere).get(url)
    assert not Seen.objects.filter(person=cast.agent_elsewhere).exists()
