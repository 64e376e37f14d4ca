"""How often a mail is tried: not twice in a row where it may have been taken, and again where a person asks for it."""

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.mail import deliver
from otklik.mail.commands.outbox import UnableToSend, try_again
from otklik.mail.models import AddressTrouble, OutboundMail
from otklik.people.actor import system
from tests.mail.stubborn import HANG_UP, running_stubborn
from tests.mail.test_compose import row
from tests.mail.test_own_trouble import later, run, states

DAY = dt.timedelta(days=1)


@pytest.mark.parametrize("is_reused", [False, True])
@pytest.mark.parametrize("stage", ["DATA", "DOT"])
def test_a_hang_up_after_data_is_not_tried_again_at_once(
    transactional_db: None, settings: Settings, is_reused: bool, stage: str
) -> None:
    with running_stubborn(settings) as server:
        if is_reused:
            row(recipient="first@x.test")
            run()
        server.answers[stage] = HANG_UP
        row(recipient="b@x.test")
        run()
        run()
        assert sum("b@x.test" in said for said in server.heard if said.startswith("RCPT")) == 1
        assert sum(to == "b@x.test" for _from, to, _raw in server.given) == (1 if stage == "DOT" else 0)


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
    with pytest.raises(UnableToSend):
        try_again(actor=system("test"), at=timezone.now(), mail=mail)


def test_words_that_are_gone_are_not_sent_again(db: None) -> None:
    with pytest.raises(UnableToSend):
        try_again(actor=system("test"), at=timezone.now(), mail=row(state="failed", text="", html=""))


def test_send_again_sends_to_a_stopped_address(transactional_db: None, settings: Settings) -> None:
    now = timezone.now()
    AddressTrouble.objects.create(address="a@x.test", last_at=now, stopped_at=now)
    mail = row(recipient="a@x.test", state="stopped")
    with running_stubborn(settings) as server:
        try_again(actor=system("test"), at=now, mail=mail)
        run()
        assert server.to("a@x.test") == 1


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "DOT"])
def test_a_server_that_shuts_down_counts_against_no_mail(
    transactional_db: None, settings: Settings, stage: str
) -> None:
    with running_stubborn(settings) as server:
        server.answers[stage] = "421 4.3.2 shutting down"
        at = timezone.now()
        row(recipient="a@x.test", created_at=at - 6 * DAY)
        for _ in range(5):
            run(at)
            at = later(at, 3600)
        mail = OutboundMail.objects.get()
        assert (mail.state, mail.attempts, mail.delayed_by) == ("queued", 1, "relay")
        assert not AddressTrouble.objects.exists()
        del server.answers[stage]
        deliver._local.rest_until = 0.0
        run(at)
        assert server.to("a@x.test") == 1
