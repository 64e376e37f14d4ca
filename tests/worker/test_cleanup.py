"""Cleanup removes what is obsolete and keeps what may still be needed."""

import os
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from otklik.core import blobs
from otklik.core.models import Submission
from otklik.desks.models import CannedAnswer
from otklik.people.models import AccountToken, LoginSession
from otklik.tickets.models import BulkRun, Draft, ListExport, Unconfirmed
from otklik.worker import cleanup
from otklik.worker.cleanup import Tidying, tidy
from otklik.worker.heartbeat import beat, last_beat
from otklik.worker.run import SHARES
from tests.cast import Cast


def test_marks_of_forms_are_kept_for_two_weeks(db: None, home: Path) -> None:
    now = timezone.now()
    for days in (1, 13, 15, 400):
        Submission.objects.create(mark=f"{days}", at=now - timedelta(days=days))
    tidy(now)
    assert set(Submission.objects.values_list("mark", flat=True)) == {"1", "13"}


def test_half_written_files_are_swept_and_whole_ones_stay(db: None, home: Path) -> None:
    digest, _ = blobs.put(b"whole")
    old, new = Path(settings.FILES) / "incoming-old", Path(settings.FILES) / "incoming-new"
    for file in (old, new, blobs.path_of(digest)):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"whole")
    long_ago = (timezone.now() - timedelta(days=2)).timestamp()
    for file in (old, blobs.path_of(digest)):
        os.utime(file, (long_ago, long_ago))
    hourly = Tidying()
    assert not hourly.step()
    assert (old.exists(), new.exists(), blobs.read(digest)) == (False, True, b"whole")
    os.utime(new, (long_ago, long_ago))
    hourly.step()
    assert new.exists()  # once an hour is enough


def test_rl_50_the_worker_lives_when_each_of_its_processes_does(db: None) -> None:
    now = timezone.now()
    assert last_beat(SHARES) is None
    for number, share in enumerate(SHARES):
        assert last_beat(SHARES) is None
        beat(share, now - timedelta(minutes=number))
    assert last_beat(SHARES) == now - timedelta(minutes=len(SHARES) - 1)


def test_links_requests_drafts_and_sessions_nobody_needs_are_removed(cast: Cast, home: Path) -> None:
    now, kind = timezone.now(), cast.desk.request_types.order_by("position")[0]
    shared: dict[str, Any] = {"request_type": kind, "language": "ru", "subject": "s", "text": "t", "created_at": now}
    for n, days in enumerate((6, 8)):
        past = now - timedelta(days=days)
        AccountToken.objects.create(purpose="address", digest=f"{days}", created_at=past, expires_at=past)
        Unconfirmed.objects.create(digest=f"{days}", address=f"u{days}@x.test", expires_at=past, **shared)
        Session.objects.create(session_key=f"s{n}", session_data="", expire_date=now + timedelta(days=n - 1, seconds=9))
    for who, days in ((cast.anna, 29), (cast.boris, 31)):
        Draft.objects.create(person=who, kind="request", subject_id=kind.pk, updated_at=now - timedelta(days=days))
    tidy(now)
    assert list(AccountToken.objects.values_list("digest", flat=True)) == ["6"]
    assert list(Unconfirmed.objects.values_list("digest", flat=True)) == ["6"]
    assert list(Session.objects.values_list("session_key", flat=True)) == ["s1"]
    assert [row.person for row in Draft.objects.all()] == [cast.anna]


def test_canned_answers_deleted_long_ago_go_for_ever_and_others_stay(cast: Cast, home: Path) -> None:
    now = timezone.now()
    for name, days in (("Действует", None), ("Недавно", 29), ("Давно", 31)):
        past = None if days is None else now - timedelta(days=days)
        CannedAnswer.objects.create(desk=cast.desk, name=name, removed_at=past)
    CannedAnswer.objects.create(owner=cast.agent, name="Своё", removed_at=now - timedelta(days=31))
    tidy(now)
    assert set(CannedAnswer.with_removed.values_list("name", flat=True)) == {"Действует", "Недавно"}


def test_a_flood_is_worked_off_in_parts(db: None, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleanup, "STEP", 3)
    monkeypatch.setattr(cleanup, "MOST", 6)
    past = timezone.now() - timedelta(days=30)
    Submission.objects.bulk_create(Submission(mark=f"{n:03}", at=past) for n in range(10))
    for left in (4, 0):
        tidy(timezone.now())
        assert Submission.objects.count() == left


def test_choices_go_after_a_week_and_acts_on_many_when_they_were_over_for_a_month(cast: Cast, home: Path) -> None:
    now, state = timezone.now(), BulkRun.State
    stays = [(state.PREPARED, 6), (state.RUNNING, 99), (state.UNDOING, 99), (state.DONE, 29), (state.UNDONE, 29)]
    goes = [(state.PREPARED, 8), (state.DONE, 31), (state.UNDONE, 31)]
    for which, days in (*stays, *goes):
        BulkRun.objects.create(person=cast.agent, state=which, prepared_at=now - timedelta(days=days))
    tidy(now)
    left = [(run.state, (now - run.prepared_at).days) for run in BulkRun.objects.order_by("id")]
    assert left == [(str(which), days) for which, days in stays]


def test_files_of_lists_and_rows_of_sessions_go_when_nobody_can_use_them(cast: Cast, home: Path) -> None:
    now, lasts = timezone.now(), timedelta(seconds=settings.SESSION_COOKIE_AGE)
    for n, seen_at in enumerate((now - lasts + timedelta(hours=1), now - lasts - timedelta(hours=1))):
        LoginSession.objects.create(person=cast.anna, session_key=f"s{n}", created_at=seen_at, seen_at=seen_at)
    for expires_at in (now + timedelta(minutes=1), now - timedelta(minutes=1)):
        ListExport.objects.create(person=cast.agent, jql="", kind="csv", asked_at=now, expires_at=expires_at)
    tidy(now)
    assert list(LoginSession.objects.values_list("session_key", flat=True)) == ["s0"]
    assert [row.expires_at > now for row in ListExport.objects.all()] == [True]


def test_a_draft_that_is_written_on_while_old_ones_are_gathered_stays(
    cast: Cast, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, kind = timezone.now(), cast.desk.request_types.all()[0]
    for person in (cast.anna, cast.boris):
        Draft.objects.create(person=person, kind="request", subject_id=kind.pk, updated_at=now - timedelta(days=99))

    def meanwhile(name: str, keys: Sequence[int], act: Callable[[Sequence[int]], int]) -> int:
        if name == "drafts":
            Draft.objects.filter(person=cast.anna).update(updated_at=now)
        return act(keys)

    monkeypatch.setattr(cleanup, "piecemeal", meanwhile)
    tidy(now)
    assert [draft.person for draft in Draft.objects.all()] == [cast.anna]
