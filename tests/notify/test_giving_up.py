"""A mail that cannot be composed for one person is retried, then given up, and blocks nobody else."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import OperationalError
from django.utils import timezone

from otklik.core.retry_schedule import WAITS
from otklik.mail.models import OutboundMail
from otklik.notify import digest
from otklik.notify.digest import digest_next
from otklik.notify.models import DigestEntry
from otklik.people.actor import Actor
from otklik.people.commands.own_data import ask_for_export
from otklik.people.models import DataExport, Person
from otklik.privacy import exports
from otklik.privacy.exports import export_next
from tests.cast import Cast
from tests.portal.helpers import as_

DATA = "/servicedesk/customer/user/profile/data"


class Clock:
    """The time that the pumps see."""

    now: datetime

    def __init__(self) -> None:
        self.now = timezone.now()

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("django.utils.timezone.now", made)
    return made


def breaking(whom: Person, error: Exception, work: Callable[..., object]) -> Callable[..., object]:
    """Return `work`, changed to raise for one person."""

    def fails(person: Person, *rest: object) -> object:
        if person.pk == whom.pk:
            raise error
        return work(person, *rest)

    return fails


def drained(step: Callable[[], bool]) -> int:
    count = 0
    while step():
        count += 1
        assert count < 10, "it goes round and round"
    return count


def test_an_archive_that_cannot_be_made_is_given_up_and_said_so(
    cast: Cast, home: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in (cast.anna, cast.boris):
        ask_for_export(actor=Actor(who, "portal"), at=clock.now, person=who)
        clock.now += timedelta(seconds=1)
    monkeypatch.setattr(exports, "personal_archive", breaking(cast.anna, ValueError("x"), exports.personal_archive))
    assert drained(export_next) == 2
    assert DataExport.objects.get(person=cast.boris).ready_at, "others are not held up"
    tried = 1
    for wait in WAITS:
        clock.now += wait - timedelta(seconds=1)
        assert drained(export_next) == 0, "not before its time"
        clock.now += timedelta(seconds=1)
        tried += drained(export_next)
    clock.now += timedelta(days=1)
    assert (tried, drained(export_next)) == (5, 0)
    row = DataExport.objects.get(person=cast.anna)
    assert row.failed_at and row.attempts == 5
    page = as_(cast.anna).get(DATA).content.decode()
    assert "Данные собрать не удалось" in page and "Собрать мои данные" in page
    monkeypatch.undo()
    ask_for_export(actor=Actor(cast.anna, "portal"), at=timezone.now(), person=cast.anna)
    assert export_next() and DataExport.objects.get(person=cast.anna).ready_at


def test_a_database_that_is_away_is_no_failed_try(cast: Cast, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask_for_export(actor=Actor(cast.anna, "portal"), at=timezone.now(), person=cast.anna)
    monkeypatch.setattr(exports, "personal_archive", breaking(cast.anna, OperationalError("gone"), print))
    with pytest.raises(OperationalError):
        export_next()
    assert DataExport.objects.get().attempts == 0


def test_a_daily_mail_that_cannot_be_written_holds_up_nobody_and_ends(
    cast: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in (cast.anna, cast.boris):
        DigestEntry.objects.create(person=who, event_id=1, template="comment", due_at=clock.now)
    sent: list[int] = []

    def noted(person: Person, *_rest: object) -> None:
        sent.append(person.pk)

    monkeypatch.setattr(digest, "_send", breaking(cast.anna, ValueError("x"), noted))
    assert drained(digest_next) == 2 and sent == [cast.boris.pk]
    for wait in WAITS:
        clock.now += wait
        assert drained(digest_next) == 1
    clock.now += timedelta(days=1)
    assert drained(digest_next) == 0 and not OutboundMail.objects.filter(kind="digest").exists()
    (entry,) = DigestEntry.objects.all()
    assert entry.person == cast.anna and entry.failed_at
