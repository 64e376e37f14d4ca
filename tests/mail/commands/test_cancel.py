"""`cancel` cancels a queued mail."""

from datetime import timedelta

from otklik.mail.commands.outbox import cancel
from tests.acting import LATER, by, refuses, tells
from tests.mail.test_outbox_acts import State, mail


def test_a_waiting_mail_goes_no_more_and_what_has_power_loses_its_words(db: None) -> None:
    for row in (mail(1, sensitive=True), mail(2), mail(3, state=State.RESTORED)):
        with tells("outbox.cancelled"):
            cancel(**by(), mail=row)
        row.refresh_from_db()
        assert row.state == State.CANCELLED and bool(row.text) is not row.sensitive


def test_a_mail_that_went_or_is_under_way_is_refused(db: None) -> None:
    for row in (mail(1, state=State.SENT), mail(2, claimed_until=LATER + timedelta(minutes=1))):
        with refuses("mail.state_changed", "mail.being_sent"):
            cancel(**by(), mail=row)
