"""`unshelve` reopens a ticket without notices."""

from otklik.desks.models import Status
from otklik.tickets.commands.inbound_placement import unshelve
from tests.acting import by, refuses, tells
from tests.cast import Cast
from tests.tickets.commands.parts import closed


def test_the_ticket_goes_back_where_it_stood_or_to_the_first_status(cast: Cast) -> None:
    closed(cast)
    progress = Status.objects.filter(desk=cast.desk, category=Status.Category.PROGRESS)[0]
    with tells("ticket.status_changed"):
        row = unshelve(**by(cast.agent), ticket=cast.ticket, status=progress)
    assert (row.status, row.closed_at, row.resolution) == (progress, None, None)
    assert unshelve(**by(cast.agent), ticket=cast.ticket).status.category == Status.Category.NEW


def test_customers_unshelve_nothing(cast: Cast) -> None:
    closed(cast)
    with refuses("ticket.staff_only"):
        unshelve(**by(cast.anna), ticket=cast.ticket)
