"""`change_priority` changes the priority."""

from otklik.tickets.commands.fields import change_priority
from otklik.tickets.commands.stale_values import Shown
from tests.acting import by, refuses, tells
from tests.cast import Cast


def test_staff_give_a_priority_of_their_desk_and_giving_it_again_is_no_news(cast: Cast) -> None:
    other = cast.desk.priorities.exclude(pk=cast.ticket.priority_id)[0]
    with tells("ticket.fields_changed"):
        for _ in range(2):
            row = change_priority(**by(cast.agent), ticket=cast.ticket, priority=other)
    assert row.priority == other


def test_a_priority_of_another_desk_and_a_customers_wish_are_refused(cast: Cast) -> None:
    other = cast.desk.priorities.exclude(pk=cast.ticket.priority_id)[0]
    for who, priority in ((cast.agent, cast.other_desk.priorities.all()[0]), (cast.anna, other)):
        with refuses("ticket.priority_of_other_desk", "ticket.staff_only"):
            change_priority(**by(who), ticket=cast.ticket, priority=priority)


def test_a_priority_that_the_page_did_not_show_is_not_replaced(cast: Cast) -> None:
    low, high = cast.desk.priorities.exclude(pk=cast.ticket.priority_id)[:2]
    change_priority(**by(cast.lead), ticket=cast.ticket, priority=low)
    with refuses("ticket.value_changed"):
        change_priority(**by(cast.agent), ticket=cast.ticket, priority=high, shown=Shown(cast.ticket.priority_id))
