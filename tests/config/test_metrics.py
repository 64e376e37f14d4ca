"""/metrics: the desk's figures for requests with the token."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings

from otklik import __version__
from otklik.cli import mail_store
from otklik.mail.models import ImapAccount
from otklik.worker.heartbeat import beat
from otklik.worker.run import SHARES
from tests.cast import Cast, as_
from tests.config.test_health import looked
from tests.postoffice import letter

TOKEN = "a token of some length"


def scraped(client: Client) -> dict[str, float]:
    answer = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/plain; version=")
    return {one.name: one.samples[0].value for one in text_string_to_metric_families(answer.content.decode())}


def test_prometheus_reads_the_numbers(cast: Cast, client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    before = scraped(client)
    assert "otklik_worker_silent_seconds" not in before
    assert mail_store.take(letter(), "accredo@desk.test")
    for share in SHARES:
        beat(share, timezone.now())
    after = scraped(client)
    assert after["otklik_mail_offered"] == before["otklik_mail_offered"] + 1 == 1
    assert 0 < after["otklik_mail_oldest_waiting_seconds"] < 60
    assert 0 <= after["otklik_worker_silent_seconds"] < 60 and after["otklik_mail_mailboxes_unreachable"] == 0
    assert __version__ in mail_store.metrics() and "# HELP otklik_mail_held " in mail_store.metrics()


@pytest.mark.parametrize(
    "brought", [None, "", TOKEN, "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer я"]
)
def test_ab_62_metrics_ask_for_the_token(cast: Cast, client: Client, settings: Settings, brought: str | None) -> None:
    headers = {} if brought is None else {"authorization": brought}
    assert client.get("/metrics", headers=headers).status_code == 404
    settings.METRICS_TOKEN = TOKEN
    for who in (client, as_(cast.admin)):
        answer = who.get("/metrics", headers=headers)
        assert answer.status_code == 401 and b"otklik_" not in answer.content
        assert answer["WWW-Authenticate"] == "Bearer"


def test_without_the_database_it_says_so(cast: Cast, client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE mail_inboundmail RENAME TO away")
    assert client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 503


def test_a_mailbox_counts_as_unreachable_after_fifteen_minutes(cast: Cast, client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    for minutes, unreachable in ((14, 0), (16, 1)):
        ImapAccount.objects.all().delete()
        looked(timedelta(minutes=minutes))
        assert scraped(client)["otklik_mail_mailboxes_unreachable"] == unreachable, minutes
