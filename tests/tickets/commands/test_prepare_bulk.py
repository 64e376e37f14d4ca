"""`prepare_bulk` selects the tickets of a bulk run."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.tickets.commands.bulk import MOST, prepare_bulk
from otklik.tickets.models import BulkItem, BulkRun, Ticket
from tests.acting import by, refuses, tells
from tests.cast import Cast
from tests.tickets.bulk.parts import more_tickets


def test_the_choice_is_kept_in_order_each_ticket_once_and_nothing_happens(cast: Cast) -> None:
    first, second, third = (ticket.pk for ticket in more_tickets(cast, 3))
    with tells():
        run = prepare_bulk(**by(cast.agent), tickets=[third, first, third, second], back="/issues/?jql=x")
    assert list(run.items.order_by("position").values_list("ticket", flat=True)) == [third, first, second]
    assert (run.state, run.person, run.back) == ("prepared", cast.agent, "/issues/?jql=x")


def test_ab_44_tickets_of_other_desks_are_left_out(cast: Cast) -> None:
    ticket = more_tickets(cast, 2)[1]
    Ticket.objects.filter(pk=ticket.pk).update(desk=cast.other_desk)
    run = prepare_bulk(**by(cast.agent), tickets=[cast.ticket.pk, ticket.pk, 10**9])
    assert [item.ticket_id for item in run.items.all()] == [cast.ticket.pk]


def test_who_may_not_or_chooses_nothing_or_too_much_is_refused(cast: Cast) -> None:
    for who in (cast.anna, cast.agent_elsewhere, None):
        with refuses("ticket.staff_only"):
            prepare_bulk(**by(who), tickets=[cast.ticket.pk])
    with refuses("ticket.nothing_chosen"):
        prepare_bulk(**by(cast.agent), tickets=[])
    with refuses("ticket.too_many_chosen"):
        prepare_bulk(**by(cast.agent), tickets=range(1, MOST + 2))
    assert not BulkRun.objects.exists() and not BulkItem.objects.exists()


def test_many_tickets_are_kept_by_as_many_statements_as_one(cast: Cast) -> None:
    tickets = [ticket.pk for ticket in more_tickets(cast, 4)]
    costs = []
    for chosen in (tickets[:1], tickets):
        with CaptureQueriesContext(connection) as seen:
            prepare_bulk(**by(cast.agent), tickets=chosen)
        costs.append(len(seen))
    assert costs[0] == costs[1]
