"""`send_now` sends a queued mail at once."""

from datetime import timedelta

from otklik.mail.commands.outbox import send_now
from tests.acting import LATER, by, refuses, tells
from tests.mail.test_outbox_acts import State, mail


def test_a_waiting_mail_is_tried_at_once(db: None) -> None:
    row = mail(1, retry_at=LATER + timedelta(hours=9))
    with tells("outbox.hurried"):
        send_now(**by(), mail=row)
    row.refresh_from_db()
    assert row.retry_at == LATER


def test_a_mail_that_went_or_is_under_way_is_refused(db: None) -> None:
    for row in (mail(1, state=State.SENT), mail(2, claimed_until=LATER + timedelta(minutes=1))):
        with refuses("mail.state_changed", "mail.being_sent"):
            send_now(**by(), mail=row)
