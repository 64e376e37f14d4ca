"""`undo_bulk` undoes a bulk run (effects on each ticket: tests/tickets/bulk)."""

from datetime import timedelta

from otklik.tickets.bulk.acts import Assign
from otklik.tickets.commands.bulk import undo_bulk
from otklik.tickets.models import BulkRun
from tests.acting import LATER, by, locks, refuses, tells
from tests.cast import Cast
from tests.tickets.bulk.parts import begun, done, states, worked


def test_within_ten_minutes_by_who_did_it_and_once(cast: Cast) -> None:
    run = done(cast.agent, [cast.ticket], Assign(cast.lead.pk))
    for who in (cast.lead, cast.admin, None):
        with refuses("ticket.staff_only"):
            undo_bulk(**by(who), run=run)
    with refuses("ticket.batch_too_late"):
        undo_bulk(actor=by(cast.agent)["actor"], at=LATER + timedelta(minutes=10), run=run)
    with locks(BulkRun), tells():
        undo_bulk(actor=by(cast.agent)["actor"], at=LATER + timedelta(minutes=9), run=run)
    with refuses("ticket.batch_not_its_turn"):
        undo_bulk(**by(cast.agent), run=run)
    assert worked(run).state == "undone"
    with refuses("ticket.batch_not_its_turn"):
        undo_bulk(**by(cast.agent), run=run)


def test_what_has_not_begun_is_left(cast: Cast) -> None:
    run = undo_bulk(**by(cast.agent), run=begun(cast.agent, [cast.ticket], Assign(cast.lead.pk)))
    assert states(worked(run)) == ["ticket.not_begun"]
    cast.ticket.refresh_from_db()
    assert cast.ticket.assignee is None


def test_what_stands_still_because_of_an_error_is_taken_back_too(cast: Cast) -> None:
    run = done(cast.agent, [cast.ticket], Assign(cast.lead.pk))
    BulkRun.objects.filter(pk=run.pk).update(state="running", attempts=20, failed_at=LATER)
    run = worked(undo_bulk(**by(cast.agent), run=run))
    assert run.state == "undone" and states(run) == ["undone"]
