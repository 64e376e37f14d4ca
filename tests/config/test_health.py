"""/healthz: which states fail the check and which only warn."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from otklik.core import disk_space
from otklik.mail.models import ImapAccount, InboundMail, Mailbox, OutboundMail
from otklik.notify.models import DigestEntry
from otklik.ops.metrics import exposition
from otklik.people.models import DataExport
from otklik.worker.heartbeat import beat
from otklik.worker.run import SHARES
from tests.cast import Cast
from tests.postoffice import put_mail


def said(client: Client) -> tuple[int, list[str], list[str]]:
    answer = client.get("/healthz")
    words = answer.json()
    return answer.status_code, words["problems"], words["warnings"]


def test_it_fails_while_no_mail_is_taken_in_for_want_of_room(
    db: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert said(client) == (200, [], [])
    monkeypatch.setattr(disk_space, "LOW_WATER", 1 << 62)
    monkeypatch.setattr(disk_space, "LOW_SHARE", 2.0)
    assert said(client) == (503, ["mail is not taken in: the disk is nearly full"], [])


@pytest.fixture
def read_only(transactional_db: None) -> Iterator[None]:
    """Make the database read-only, like a standby."""
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
    yield
    connection.close()


def test_it_fails_while_the_database_cannot_be_written(read_only: None, client: Client) -> None:
    assert said(client) == (503, ["the database cannot be written"], [])


@pytest.mark.parametrize(("seconds", "is_silent"), [(0, False), (50, False), (120, True), (-800, False), (-1000, True)])
def test_a_sign_of_life_from_the_future_is_none(db: None, client: Client, seconds: int, is_silent: bool) -> None:
    for share in SHARES:
        beat(share, timezone.now() + timedelta(seconds=seconds))
    assert said(client)[1] == (["the worker is silent"] if is_silent else [])


def test_what_was_given_up_for_a_person_is_a_warning_of_its_own(cast: Cast, client: Client) -> None:
    now = timezone.now()
    entry = DigestEntry.objects.create(person=cast.anna, event_id=1, template="comment", due_at=now)
    export = DataExport.objects.create(person=cast.anna, asked_at=now)
    assert said(client) == (200, [], [])
    DigestEntry.objects.filter(pk=entry.pk).update(failed_at=now)
    assert said(client) == (200, [], ["a daily mail was given up"])
    DataExport.objects.filter(pk=export.pk).update(failed_at=now)
    assert said(client)[2] == ["a daily mail was given up", "an archive of own data was given up"]


def came(ago: timedelta, *, slow: int) -> None:
    row = put_mail()
    InboundMail.objects.filter(pk=row.pk).update(received_at=timezone.now() - ago, slow=slow)


def wrote(ago: timedelta) -> None:
    at = timezone.now() - ago
    OutboundMail.objects.create(
        recipient="anna@clinic.test", sender="accredo@desk.test", kind="comment", cause="health", subject="x", text="x",
        message_id="<health@desk.test>", created_at=at, retry_at=at,
    )  # fmt: skip


def looked(ago: timedelta, *, paused: bool = False) -> None:
    at, box = timezone.now() - ago, Mailbox.objects.get(address="accredo@desk.test")
    ImapAccount.objects.create(
        mailbox=box, host="imap.test", port=993, username="u", secret="s", created_at=at, changed_at=at,
        last_ok_at=at, paused=paused,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("happened", "problem", "warning"),
    [
        (partial(came, slow=0), "mail waits to be processed", ""),
        (partial(came, slow=1), "", "mail that is hard to read waits"),
        (wrote, "mail waits to be sent", ""),
        (looked, "a mailbox cannot be fetched", ""),
        (partial(looked, paused=True), "", ""),
        (lambda ago: [beat(share, timezone.now() - ago) for share in SHARES], "the worker is silent", ""),
    ],
)
@pytest.mark.parametrize(("minutes", "late"), [(14, False), (16, True)])
def test_what_waits_for_a_quarter_of_an_hour_is_said(
    cast: Cast,
    client: Client,
    happened: Callable[[timedelta], object],
    problem: str,
    warning: str,
    minutes: int,
    late: bool,
) -> None:
    happened(timedelta(minutes=minutes))
    problems, warnings = ([problem] if late and problem else []), ([warning] if late and warning else [])
    assert said(client) == (503 if problems else 200, problems, warnings)


@pytest.mark.parametrize(("minutes", "paused", "late"), [(14, False, 0), (16, False, 1), (16, True, 0)])
def test_a_mailbox_that_is_not_looked_through_is_counted(cast: Cast, minutes: int, paused: bool, late: int) -> None:
    looked(timedelta(minutes=minutes), paused=paused)
    assert f"otklik_mail_mailboxes_unreachable {late}.0" in exposition(timezone.now()).decode()
