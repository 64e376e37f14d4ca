"""`release_bulk` releases mails of a bulk run early (that they are sent: tests/tickets/bulk/test_mails.py)."""

from otklik.journal.models import Event
from otklik.tickets.bulk.acts import Assign
from otklik.tickets.commands.bulk import release_bulk
from otklik.tickets.models import BulkRun
from tests.acting import LATER, by, locks, refuses, tells
from tests.cast import Cast
from tests.tickets.bulk.parts import begun, done


def test_once_by_who_did_it(cast: Cast) -> None:
    run = done(cast.agent, [cast.ticket], Assign(cast.lead.pk))
    with refuses("ticket.staff_only"):
        release_bulk(**by(cast.lead), run=run)
    assert Event.objects.get(batch_id=run.batch).not_before is not None
    with locks(BulkRun), tells():
        assert release_bulk(**by(cast.agent), run=run).undo_until == LATER
    assert Event.objects.get(batch_id=run.batch).not_before == LATER
    with refuses("ticket.batch_not_its_turn"):
        release_bulk(**by(cast.agent), run=run)


def test_not_while_it_runs(cast: Cast) -> None:
    with refuses("ticket.batch_not_its_turn"):
        release_bulk(**by(cast.agent), run=begun(cast.agent, [cast.ticket], Assign(None)))
