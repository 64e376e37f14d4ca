"""Long lists sorted by priority are read level by level, in the very order that sorting gives."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.desks.commands.create import set_role
from otklik.desks.models import Priority
from otklik.people.actor import system
from otklik.tickets.jql.by_priority import first_by_priority, is_read_by_priority
from otklik.tickets.jql.find import find
from otklik.tickets.jql.parse import parse
from otklik.tickets.models import Ticket
from otklik.workspace.desk_context import Standing
from otklik.workspace.pages import issues
from tests.cast import START, Cast, as_
from tests.workspace.test_issues import more_tickets

ORDERS = (
    "priority DESC, created ASC", "priority ASC, created DESC", "priority", "priority ASC", "priority, updated DESC",
    "priority DESC, key ASC", "priority DESC, created, summary",
)  # fmt: skip


@pytest.fixture
def many(cast: Cast) -> Cast:
    """Requests of two desks and several priorities, two of a level alike in time, too."""
    more_tickets(cast, 9)
    set_role(actor=system("cli"), at=START, desk=cast.other_desk, person=cast.agent, role="agent")
    priorities = list(Priority.objects.filter(desk=cast.desk))
    elsewhere = list(Priority.objects.filter(desk=cast.other_desk))
    for number, ticket in enumerate(Ticket.objects.filter(desk=cast.desk).order_by("-number")):
        ticket.priority = priorities[number * 7 % len(priorities)]
        ticket.created_at = ticket.updated_at = START + timedelta(minutes=number % 3)
        if number % 4 == 1:
            ticket.desk, ticket.priority = cast.other_desk, elsewhere[number % len(elsewhere)]
            ticket.status = cast.other_desk.statuses.order_by("position")[0]
            ticket.request_type = None
        ticket.save()
    return cast


@pytest.mark.parametrize("most", [1, 3, 7, 50])
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("where", ["", "assignee is EMPTY AND updated <= -2d"])
def test_it_is_the_order_of_sorting(many: Cast, where: str, order: str, most: int) -> None:
    asker, query = Standing(many.agent).asker(START + timedelta(days=9)), parse(f"{where} ORDER BY {order}")
    found = find(query, asker)
    if not is_read_by_priority(query, asker):
        assert "key" in order, "keys of several desks are in no index"
        return
    sorted_ids = list(found.values_list("pk", flat=True)[:most])
    assert len(sorted_ids) == min(most, 10 if not where else found.count())
    assert first_by_priority(found, asker, most) == sorted_ids


def test_other_orders_are_not_read_so(cast: Cast) -> None:
    asker = Standing(cast.agent).asker(START)
    for order in ("created, priority", "priority, summary", "status"):
        assert not is_read_by_priority(parse(f"ORDER BY {order}"), asker)
    assert not is_read_by_priority(parse(""), asker)


def test_a_page_of_a_long_list_is_the_same_and_stops_at_the_level_that_fills_it(
    many: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, pages = as_(many.agent), dict[int, list[str]]()
    monkeypatch.setattr(issues, "PER_PAGE", 3)
    for counted in (8, 100):
        monkeypatch.setattr(issues, "COUNTED", counted)
        shown = [client.get("/issues/", {"jql": f"ORDER BY {ORDERS[0]}", "page": page}) for page in (1, 2, 3)]
        pages[counted] = [row.key for page in shown for row in page.context["page"].rows]
    assert pages[8] == pages[100] and len(set(pages[100])) == 9
    Ticket.objects.update(priority=Priority.objects.filter(desk=many.desk).order_by("level")[1])
    Ticket.objects.update(desk=many.desk)
    monkeypatch.setattr(issues, "COUNTED", 8)
    with CaptureQueriesContext(connection) as asked:
        client.get("/issues/", {"jql": f"ORDER BY {ORDERS[0]}"})
    assert sum('"priority_id" = ANY' in row["sql"] for row in asked) == 2, "the empty level above, and the full one"
