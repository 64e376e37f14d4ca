"""Lists take as many statements for one row as for a hundred."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.people.actor import Actor
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import Words
from otklik.tickets.models import Ticket
from otklik.tickets.search import frequency
from otklik.workspace import queue_counts
from tests.cast import START, Cast
from tests.workspace.helpers import as_, queue_url

TEXT = "Сканер в коридоре второго этажа не отправляет накладные"


def opened(cast: Cast, count: int) -> None:
    for number in range(count):
        ticket = open_ticket(
            actor=Actor(cast.anna, "portal"), at=START, desk=cast.desk, channel=Ticket.Channel.PORTAL,
            subject=f"{TEXT} {number}", words=Words(TEXT), requester=cast.anna, request_type=cast.ticket.request_type,
        )  # fmt: skip
        if number % 3 == 0:
            comment(actor=Actor(cast.agent, "agent"), at=START, ticket=ticket, words=Words("Замените накладные"))


def known(cast: Cast) -> None:
    """Load statistics and cached counts, which are read from time to time on any page."""
    queue_counts._numbers.forget()
    frequency._known()


PAGES = {
    "queue": "",
    "filter": "/issues/?jql=project+%3D+ACCREDO+AND+statusCategory+%21%3D+Done+AND+reporter+is+not+EMPTY",
    "search": "/projects/go?q=накладные",
    "facets": "/projects/go?q=накладные&jql=statusCategory+%21%3D+Done",
    "similar": "/browse/ACCREDO-2/similar",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_hundred_rows_cost_as_many_statements_as_one(cast: Cast, name: str) -> None:
    # Two of them, as a request is not similar to itself.
    opened(cast, 2)
    client, address, costs, sizes = as_(cast.agent), PAGES[name] or queue_url(cast.desk), [], []
    for more in (0, 100):
        opened(cast, more)
        # Once to warm up what a process makes once, in the same way as it is counted.
        for _time in range(2):
            known(cast)
            with CaptureQueriesContext(connection) as log:
                page = client.get(address)
        assert page.status_code == 200
        costs.append(len(log))
        sizes.append(page.content.decode().count("накладные"))
    assert sizes[1] > sizes[0] > 0
    assert costs[0] == costs[1]
