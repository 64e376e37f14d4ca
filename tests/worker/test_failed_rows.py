"""Every queue reports its given-up rows in one place."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings
from typer.testing import CliRunner

from otklik.cli import retry
from otklik.cli.doctor_checks import _given_up
from otklik.journal.models import Event
from otklik.mail.models import InboundMail, OutboundMail
from otklik.notify import digest
from otklik.notify.models import DigestEntry
from otklik.people.models import DataExport
from otklik.tickets.models import Approval, ListExport
from otklik.worker.failed_rows import QUEUES, UnableToTryAgain, failed_rows, try_again
from otklik.worker.run import SHARES
from tests.cast import START, Cast
from tests.postoffice import put_mail
from tests.tickets.commands.parts import asked

# What the worker runs that is no queue: asked again anyway, or gone through again from the start.
NO_QUEUES = {"vouching", "retention", "rewording", "tidying", "unused files"}
QUEUE_OF = {
    "intake": "received_mails",
    "slow intake 1": "received_mails",
    "slow intake 2": "received_mails",
    "replies": "replies",
    "bulk": "bulk",
    "dispatch": "events",
    "reminders": "reminders",
    "digest": "digests",
    "exports": "exports",
    "list exports": "list_exports",
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


def given_up(cast: Cast) -> dict[str, tuple[Any, Callable[[datetime], object]]]:
    """Create a failed row in each queue that can be retried here; return each queue's rows and the query of due
    claims."""
    approval = asked(cast)
    row = {"attempts": 5, "failed_at": START}
    Approval.objects.filter(pk=approval.pk).update(**row)
    Event.objects.update(dispatched_at=START)
    Event.objects.filter(pk=Event.objects.latest("id").pk).update(dispatched_at=None, **row)
    DigestEntry.objects.create(person=cast.anna, event_id=1, template="comment", due_at=START, **row)
    DataExport.objects.create(person=cast.anna, asked_at=START, **row)
    ListExport.objects.create(person=cast.agent, asked_at=START, expires_at=START, **row)
    return {
        "reminders": (Approval, lambda at: Approval.objects.filter(Approval.may_be_tried(at))),
        "events": (Event, lambda at: Event.objects.filter(Event.may_be_tried(at), dispatched_at=None)),
        "digests": (DigestEntry, digest._due),
        "exports": (DataExport, lambda at: DataExport.objects.filter(DataExport.may_be_tried(at))),
        "list_exports": (ListExport, lambda at: ListExport.objects.filter(ListExport.may_be_tried(at))),
    }


def test_what_was_given_up_is_tried_again_by_one_command(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("otklik.cli.retry.require_current", lambda: None)
    queues = given_up(cast)
    listed = CliRunner().invoke(retry.app, ["--json"])
    assert {name: count for name, count in json.loads(listed.stdout).items() if count} == dict.fromkeys(queues, 1)
    assert "otklik retry events" in CliRunner().invoke(retry.app, []).stdout
    for name, (_model, due) in queues.items():
        assert not due(timezone.now()), name
    done = CliRunner().invoke(retry.app, [*queues])
    assert done.exit_code == 0 and done.stdout.count("1 tried again") == len(queues)
    for name, (model, due) in queues.items():
        assert len(due(timezone.now())) == 1, name
        assert model.objects.filter(failed_at=None, attempts=0).exists(), name
    assert not any(failed_rows().values())


def test_a_queue_that_is_none_or_has_pages_of_its_own_is_refused_and_nothing_is_tried(cast: Cast) -> None:
    given_up(cast)
    for name in ("replies", "sent_mails", "no such"):
        with pytest.raises(UnableToTryAgain, match="events"):
            try_again(name, timezone.now())
    assert failed_rows()["events"] == 1


def test_what_was_settled_otherwise_stands_given_up_no_more(cast: Cast) -> None:
    given_up(cast)
    assert (failed_rows()["reminders"], failed_rows()["events"]) == (1, 1)
    Approval.objects.update(state=Approval.State.APPROVED, settled_at=START)
    Event.objects.update(dispatched_at=START)
    assert (failed_rows()["reminders"], failed_rows()["events"]) == (0, 0)


def test_who_works_a_queue_off_is_woken_where_something_is_tried_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[str] = []
    monkeypatch.setattr("otklik.worker.failed_rows.wake", woken.append)
    for name in given_up(cast):
        try_again(name, timezone.now())
    assert sorted(woken) == sorted(queue.topic for queue in QUEUES if queue.topic and queue.name != "bulk")
    woken.clear()
    assert try_again("events", timezone.now()) == 0 and not woken
