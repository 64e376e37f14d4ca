"""`drop_held` drops mails held back by a restore."""

from otklik.mail.commands.restored import drop_held, hold_queued
from tests.acting import by, tells
from tests.mail.test_outbox_acts import State, mail


def test_held_mails_are_cancelled_and_what_has_power_loses_its_words(db: None) -> None:
    plain, sensitive = mail(1), mail(2, sensitive=True)
    hold_queued()
    with tells("outbox.restored_dropped"):
        assert drop_held(**by()) == 2
        assert drop_held(**by()) == 0
    for row in (plain, sensitive):
        row.refresh_from_db()
    assert plain.state == sensitive.state == State.CANCELLED
    assert (plain.text, sensitive.text, sensitive.html) == ("слова", "", "")
