"""`do_next_items` processes the next tickets of a bulk run (see tests/tickets/bulk)."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from otklik.core.locks import lock
from otklik.tickets.bulk.acts import Act, Assign
from otklik.tickets.commands.bulk import undo_bulk
from otklik.tickets.commands.bulk_items import do_next_items
from otklik.tickets.models import BulkRun, Ticket
from tests.acting import LATER, by, locks, tells
from tests.cast import Cast
from tests.meanwhile import meanwhile
from tests.tickets.bulk.parts import begun, more_tickets, states, worked
from tests.tickets.bulk.test_acts import acts


def worked_once(run: BulkRun) -> None:
    with transaction.atomic():
        do_next_items(at=LATER, run=lock(BulkRun, run.pk))


def test_a_few_tickets_at_once_and_then_it_is_over(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("otklik.tickets.commands.bulk_items.AT_ONCE", 2)
    run = begun(cast.agent, more_tickets(cast, 3), Assign(cast.lead.pk))
    for after, told in ((["done", "done", "waiting"], ["ticket.assigned"] * 2), (["done"] * 3, ["ticket.assigned"])):
        with locks(Ticket), tells(*told):
            worked_once(run)
        assert states(run) == after
    with tells():
        worked_once(run)
    run.refresh_from_db()
    assert run.state == "done"


@pytest.mark.django_db(transaction=True)
def test_who_holds_a_ticket_keeps_no_other_one_waiting(people: Cast) -> None:
    tickets = more_tickets(people, 3)
    run = begun(people.agent, tickets, Assign(people.lead.pk))
    with meanwhile(lambda: lock(Ticket, tickets[0].pk)):
        worked_once(run)
        assert states(run) == ["waiting", "done", "done"]
    assert states(worked(run)) == ["done"] * 3


def statements(run: BulkRun) -> int:
    with CaptureQueriesContext(connection) as log:
        worked(run)
    return len(log)


@pytest.mark.parametrize("is_undone", [False, True], ids=["done", "taken back"])
@pytest.mark.parametrize("name", ["assign", "status", "priority", "labels"])
def test_a_further_ticket_costs_few_statements(cast: Cast, name: str, is_undone: bool) -> None:
    """Savepoints of the ticket and of its command, the ticket, its event and its change."""
    costs, act = [], acts(cast)[name]
    tickets = more_tickets(cast, 15)
    for chosen in (tickets[:3], tickets[3:]):
        run = begun(cast.agent, chosen, act)
        cost = statements(run)
        if is_undone:
            run.refresh_from_db()
            cost = statements(undo_bulk(**by(cast.agent), run=run))
        costs.append(cost)
    assert costs[1] - costs[0] <= 9 * (8 + (name == "status") + is_undone)


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
