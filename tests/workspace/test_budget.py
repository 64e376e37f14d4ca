"""Statement counts of the agents' pages, and escaping of rows rendered by hand."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.desks.commands.create import set_role
from otklik.people.actor import system
from otklik.workspace import queue_counts
from otklik.workspace.pages import queue as queue_pages
from tests.cast import START, Cast
from tests.statement_caps import statements_at_most
from tests.workspace.helpers import as_, page_of, queue_url
from tests.workspace.test_queue import more_tickets


@pytest.fixture
def counting_to_two(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Limit counting to two rows."""
    monkeypatch.setattr(queue_counts, "COUNTED", 2)
    monkeypatch.setattr("otklik.workspace.sidebar.COUNTED", 2)
    monkeypatch.setattr(queue_pages, "COUNTED", 2)
    monkeypatch.setattr(queue_pages, "PER_PAGE", 2)
    queue_counts._numbers.forget()
    yield
    queue_counts._numbers.forget()


def test_a_queue_costs_the_same_however_many_desks(cast: Cast) -> None:
    client, address = as_(cast.agent), queue_url(cast.desk)
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    set_role(actor=system("cli"), at=START, desk=cast.other_desk, person=cast.agent, role="agent")
    with statements_at_most("queue page") as two:
        page = page_of(client.get(address))
    assert "Другая служба" in page and len(two) == len(one)


def test_a_ticket_takes_a_fixed_number_of_queries(cast: Cast) -> None:
    client = as_(cast.agent)
    client.get("/browse/ACCREDO-1")
    with statements_at_most("ticket page"):
        client.get("/browse/ACCREDO-1")


def test_nobody_counts_a_full_queue_to_its_end(cast: Cast, counting_to_two: None) -> None:
    more_tickets(cast, 8)
    client = as_(cast.agent)
    first = page_of(client.get(queue_url(cast.desk)))
    assert '<span class="ws-count">2+</span>' in first and "1-2 из 6+" in first
    last = page_of(client.get(queue_url(cast.desk) + "?page=5"))
    assert "9-9 из 9" in last and "ACCREDO-1" in last
    assert "9-9 из 9" in page_of(client.get(queue_url(cast.desk) + "?page=77"))


def test_words_of_people_are_escaped_in_rows(cast: Cast) -> None:
    cast.ticket.subject, cast.anna.name = "<script>1</script>", 'A" onmouseover="<b>'
    cast.ticket.save()
    cast.anna.save()
    page = page_of(as_(cast.agent).get(queue_url(cast.desk)))
    assert "&lt;script&gt;1" in page and "A&quot; onmouseover=&quot;&lt;b&gt;" in page
    assert "<script>1" not in page and 'A" onmouseover' not in page
