"""`try_again` retries a failed mail."""

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.mail.commands.outbox import try_again
from otklik.mail.models import AddressTrouble
from otklik.people.actor import system
from tests.acting import by, tells
from tests.cast import START
from tests.mail.stubborn import running_stubborn
from tests.mail.test_compose import row
from tests.mail.test_outbox_acts import BY, DAY, VERA, State, mail
from tests.mail.test_own_trouble import later, run, states
from tests.refusing import refused_as


def test_a_mail_tried_again_begins_anew_and_its_address_too(db: None) -> None:
    row = mail(1, recipient=VERA, state=State.FAILED, attempts=9, retry_at=START - DAY, claimed_until=START - DAY)
    for address in (VERA, "b@x.test"):
        AddressTrouble.objects.create(address=address, last_at=START, stopped_at=START)
    try_again(**BY, mail=row)
    row.refresh_from_db()
    assert (row.state, row.attempts, row.retry_at, row.again_at, row.claimed_until) == (
        State.QUEUED, 0, START, START, None,
    )  # fmt: skip
    assert list(AddressTrouble.objects.values_list("address", flat=True)) == ["b@x.test"]


def test_send_again_gives_an_old_mail_five_more_days(transactional_db: None, settings: Settings) -> None:
    with running_stubborn(settings) as server:
        server.answers["RCPT"] = "451 4.2.1 mailbox is busy"
        at = timezone.now()
        mail = row(recipient="a@x.test", created_at=at - 20 * DAY, state="failed", attempts=9)
        try_again(actor=system("test"), at=at, mail=mail)
        run(at)
        mail.refresh_from_db()
        assert (mail.state, mail.attempts) == ("queued", 1)
        run(later(at, 4 * 86400))
        assert states() == ["queued"]
        run(later(at, 5 * 86400 + 60))
        assert states() == ["failed"]


@pytest.mark.parametrize("state", ["sent", "queued"])
def test_what_went_or_waits_is_not_sent_again(db: None, state: str) -> None:
    mail = row(state=state)
    with refused_as("mail.state_changed"):
        try_again(actor=system("test"), at=timezone.now(), mail=mail)


def test_words_that_are_gone_are_not_sent_again(db: None) -> None:
    with refused_as("mail.text_gone"):
        try_again(actor=system("test"), at=timezone.now(), mail=row(state="failed", text="", html=""))


def test_send_again_sends_to_a_stopped_address(transactional_db: None, settings: Settings) -> None:
    now = timezone.now()
    AddressTrouble.objects.create(address="a@x.test", last_at=now, stopped_at=now)
    mail = row(recipient="a@x.test", state="stopped")
    with running_stubborn(settings) as server:
        try_again(actor=system("test"), at=now, mail=mail)
        run()
        assert server.to("a@x.test") == 1


def test_a_mail_is_tried_again_with_one_event(db: None) -> None:
    row = mail(1, state=State.CANCELLED)
    with tells("outbox.again"):
        try_again(**by(), mail=row)
