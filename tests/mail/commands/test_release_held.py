"""`release_held` releases mails held back by a restore."""

from datetime import timedelta

from otklik.mail.commands.restored import hold_queued, release_held
from tests.acting import LATER, by, tells
from tests.cast import START
from tests.mail.test_outbox_acts import State, mail


def test_held_mails_go_under_their_ids_of_then(db: None) -> None:
    row = mail(1, created_at=START - timedelta(days=30), attempts=4)
    mail(2, state=State.FAILED)
    hold_queued()
    with tells("outbox.restored_sent"):
        assert release_held(**by()) == 1
        assert release_held(**by()) == 0
    row.refresh_from_db()
    assert (row.state, row.retry_at, row.again_at, row.attempts) == (State.QUEUED, LATER, LATER, 0)
    assert row.message_id == "m1@desk.test"
