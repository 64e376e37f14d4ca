"""Delivery attempts: not repeated when the mail may have been accepted, except on a person's request."""

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.mail import deliver
from otklik.mail.models import AddressTrouble, OutboundMail
from tests.mail.stubborn import HANG_UP, running_stubborn
from tests.mail.test_compose import row
from tests.mail.test_own_trouble import later, run

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
