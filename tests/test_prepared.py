"""Tests that share data of their module do not affect one another (tests/prepared.py)."""

import pytest

from otklik.tickets.models import Ticket
from tests.cast import Cast
from tests.test_matrix import Ground, clients
from tests.test_matrix import cast as cast
from tests.test_matrix import ground as ground
from tests.test_matrix import module_home as module_home

SUBJECT = "Не открывается протокол"


@pytest.mark.parametrize("turn", range(3))
def test_each_finds_everything_as_it_was_made(cast: Cast, ground: Ground, turn: int) -> None:
    ticket, requester = Ticket.objects.get(pk=cast.ticket.pk), clients(ground)[1]
    assert ticket.subject == cast.ticket.subject == SUBJECT, turn
    assert requester.get("/servicedesk/customer/user/profile").status_code == 200
    requester.post("/servicedesk/customer/user/logout")
    assert requester.get("/servicedesk/customer/user/profile").status_code == 302
    Ticket.objects.filter(pk=ticket.pk).update(subject="Другая")
    cast.ticket.subject = "Другая"
    assert Ticket.objects.filter(desk=cast.desk, subject="Другая").exists()
