"""Monitoring of mail: /healthz and `otklik mail status --metrics`."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from otklik.cli import mail_store
from otklik.mail.models import InboundMail, OutboundMail
from otklik.mail.queries import mail_numbers
from tests.cast import Cast
from tests.mail.test_compose import row
from tests.postoffice import letter


def gauges() -> dict[str, float]:
    families = text_string_to_metric_families(mail_store.metrics())
    return {one.name.removeprefix("otklik_mail_"): one.samples[0].value for one in families if "_mail_" in one.name}


@pytest.mark.parametrize("minutes", [14, 16])
def test_mail_that_waits_for_a_quarter_of_an_hour_is_an_alarm(cast: Cast, client: Client, minutes: int) -> None:
    since = timezone.now() - dt.timedelta(minutes=minutes)
    is_late = minutes > 15
    assert mail_store.take(letter(), "accredo@desk.test")
    InboundMail.objects.update(received_at=since)
    assert ("mail waits to be processed" in client.get("/healthz").json()["problems"]) is is_late
    row(created_at=since)
    assert ("mail waits to be sent" in client.get("/healthz").json()["problems"]) is is_late
    assert client.get("/healthz").status_code == (503 if is_late else 200)
    found = gauges()
    assert (found["offered"], found["waiting"], found["queued"]) == (1, 1, 1)
    for name in ("oldest_waiting_seconds", "oldest_unsent_seconds"):
        assert minutes * 60 <= found[name] < minutes * 60 + 60


def test_where_nothing_waits_the_ages_are_zero(db: None, client: Client) -> None:
    assert set(gauges().values()) == {0}
    assert client.get("/healthz").status_code == 200


def test_what_was_not_even_tried_counts_as_not_delivered(db: None) -> None:
    row(state=OutboundMail.State.FAILED)
    row(state=OutboundMail.State.STOPPED)
    row(state=OutboundMail.State.CANCELLED)
    assert mail_numbers().undeliverable == 2 == gauges()["undeliverable"]
