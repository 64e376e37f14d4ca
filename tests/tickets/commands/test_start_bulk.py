"""`start_bulk` starts a bulk run."""

from otklik.tickets.bulk.acts import Assign
from otklik.tickets.commands.bulk import prepare_bulk, release_bulk, start_bulk, undo_bulk
from otklik.tickets.models import BulkRun
from tests.acting import LATER, by, locks, refuses, tells
from tests.cast import Cast
from tests.tickets.bulk.parts import done


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


def test_who_was_switched_off_begins_takes_back_and_hurries_nothing(cast: Cast) -> None:
    chosen = prepare_bulk(**by(cast.agent), tickets=[cast.ticket.pk])
    over = done(cast.agent, [cast.ticket], Assign(cast.lead.pk))
    cast.agent.is_active = False
    cast.agent.save(update_fields=["is_active"])
    for act in (
        lambda: start_bulk(**by(cast.agent), run=chosen, act=Assign(None)),
        lambda: undo_bulk(**by(cast.agent), run=over),
        lambda: release_bulk(**by(cast.agent), run=over),
    ):
        with refuses("ticket.staff_only"):
            act()
    assert [BulkRun.objects.get(pk=run.pk).state for run in (chosen, over)] == ["prepared", "done"]
