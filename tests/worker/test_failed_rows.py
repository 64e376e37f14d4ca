"""Every queue says, from one place, what stands given up."""

from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.cli.doctor_checks import _given_up
from otklik.journal.models import Event
from otklik.mail.models import InboundMail, OutboundMail
from otklik.worker.failed_rows import QUEUES, failed_rows
from otklik.worker.run import SHARES
from tests.cast import Cast
from tests.postoffice import put_mail

# What the worker runs that is no queue: asked again anyway, or gone through again from the start.
NO_QUEUES = {"vouching", "retention", "rewording", "tidying", "unused files"}
QUEUE_OF = {
    "intake": "received_mails",
    "slow intake 1": "received_mails",
    "slow intake 2": "received_mails",
    "replies": "replies",
    "dispatch": "events",
    "reminders": "reminders",
    "digest": "digests",
    "exports": "exports",
    "delivery 1": "sent_mails",
    "delivery 2": "sent_mails",
}


def test_every_queue_of_the_worker_is_counted() -> None:
    assert {pump.name for share in SHARES.values() for pump in share} == {*QUEUE_OF, *NO_QUEUES}
    assert {queue.name for queue in QUEUES} == set(QUEUE_OF.values())


def test_mails_that_failed_are_counted_and_alarm_nobody(cast: Cast, client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "x" * 20
    mail = put_mail()
    InboundMail.objects.filter(pk=mail.pk).update(state="failed", settled_at=timezone.now())
    OutboundMail.objects.create(
        recipient="a@b.test", sender="accredo@desk.test", kind="comment", cause="x", subject="x", text="x",
        message_id="<x@desk.test>", created_at=timezone.now(), retry_at=timezone.now(), state="failed",
    )  # fmt: skip
    assert (failed_rows()["received_mails"], failed_rows()["sent_mails"]) == (1, 1)
    page = client.get("/metrics", headers={"authorization": f"Bearer {'x' * 20}"}).content.decode()
    assert "otklik_received_mails_given_up 1.0" in page and "otklik_sent_mails_given_up 1.0" in page
    (finding,) = _given_up()
    assert "1 received mails, 1 mails of ours" in finding.seen and not finding.remedy
    assert client.get("/healthz").json()["warnings"] == []


def test_a_queue_that_fails_is_a_warning(cast: Cast, client: Client) -> None:
    Event.objects.filter(pk=Event.objects.latest("id").pk).update(attempts=3, dispatched_at=None)
    assert client.get("/healthz").json()["warnings"] == ["the reactions to an event fail"]
    (finding,) = _given_up()
    assert "1 events' reactions" in finding.seen and finding.remedy
