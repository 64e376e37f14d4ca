"""/healthz: when visitors are sent elsewhere, and what is only for people."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from otklik.core import room
from otklik.notify.models import DigestEntry
from otklik.people.models import DataExport
from otklik.worker.heartbeat import beat
from otklik.worker.run import SHARES
from tests.cast import Cast


def said(client: Client) -> tuple[int, list[str], list[str]]:
    answer = client.get("/healthz")
    words = answer.json()
    return answer.status_code, words["problems"], words["warnings"]


def test_it_fails_while_no_mail_is_taken_in_for_want_of_room(
    db: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert said(client) == (200, [], [])
    monkeypatch.setattr(room, "LOW_WATER", 1 << 62)
    monkeypatch.setattr(room, "LOW_SHARE", 2.0)
    assert said(client) == (503, ["mail is not taken in: the disk is nearly full"], [])


@pytest.fixture
def read_only(transactional_db: None) -> Iterator[None]:
    """A standby, or a server that lets nobody write."""
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
