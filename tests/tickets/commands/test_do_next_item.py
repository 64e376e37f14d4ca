"""The worker does an act on many to one ticket (more in tests/tickets/bulk)."""

import pytest
from django.db import transaction

from otklik.core.locks import lock
from otklik.tickets.bulk.acts import Act, Assign
from otklik.tickets.commands.bulk_items import do_next_item
from otklik.tickets.models import BulkRun, Ticket
from tests.acting import LATER, locks, tells
from tests.cast import Cast
from tests.tickets.bulk.parts import begun, more_tickets, states, worked


def test_one_ticket_at_a_time_and_then_it_is_over(cast: Cast) -> None:
    run = begun(cast.agent, more_tickets(cast, 2), Assign(cast.lead.pk))
    for after in (["done", "waiting"], ["done", "done"]):
        with locks(Ticket), tells("ticket.assigned"), transaction.atomic():
            do_next_item(at=LATER, run=lock(BulkRun, run.pk))
        assert states(run) == after
    with tells(), transaction.atomic():
        do_next_item(at=LATER, run=lock(BulkRun, run.pk))
    run.refresh_from_db()
    assert run.state == "done"


def test_a_fault_is_one_ticket_s_and_nothing_of_it_stays(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = more_tickets(cast, 3)
    run, do = begun(cast.agent, tickets, Assign(cast.lead.pk)), Assign.do

    def fails_late(act: Act, actor: object, at: object, ticket: Ticket) -> None:
        do(act, actor, at, ticket)  # type: ignore[arg-type]
        if ticket.pk == tickets[1].pk:
            raise ValueError("a mistake in the program")

    monkeypatch.setattr(Assign, "do", fails_late)
    assert states(worked(run)) == ["done", "ticket.batch_fault", "done"]
    tickets[1].refresh_from_db()
    assert tickets[1].assignee is None and tickets[1].version == 1
