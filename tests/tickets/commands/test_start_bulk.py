"""An act on many begins."""

from otklik.tickets.bulk.acts import Assign
from otklik.tickets.commands.bulk import prepare_bulk, start_bulk
from otklik.tickets.models import BulkRun
from tests.acting import LATER, by, locks, refuses, tells
from tests.cast import Cast


def test_it_begins_once_and_the_worker_does_the_rest(cast: Cast) -> None:
    run = prepare_bulk(**by(cast.agent), tickets=[cast.ticket.pk])
    with locks(BulkRun), tells():
        run = start_bulk(**by(cast.agent), run=run, act=Assign(cast.lead.pk))
    assert (run.state, run.act, run.parameters, run.started_at) == (
        "running", "assign", {"assignee": cast.lead.pk}, LATER,
    )  # fmt: skip
    with refuses("ticket.batch_not_its_turn"):
        start_bulk(**by(cast.agent), run=run, act=Assign(None))


def test_nobody_begins_with_what_another_chose(cast: Cast) -> None:
    run = prepare_bulk(**by(cast.agent), tickets=[cast.ticket.pk])
    for who in (cast.lead, cast.admin, cast.anna):
        with refuses("ticket.staff_only"):
            start_bulk(**by(who), run=run, act=Assign(None))
