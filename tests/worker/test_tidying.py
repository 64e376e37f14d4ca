"""What is of no use any more is removed, and what somebody may still need is not."""

import os
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from otklik.core import blobs
from otklik.core.models import Submission
from otklik.worker.heartbeat import beat, last_beat
from otklik.worker.run import SHARES
from otklik.worker.tidying import Tidying, tidy


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
    tidying = Tidying()
    assert not tidying.step()
    assert (old.exists(), new.exists(), blobs.read(digest)) == (False, True, b"whole")
    os.utime(new, (long_ago, long_ago))
    tidying.step()
    assert new.exists()  # once an hour is enough


def test_rl_50_the_worker_lives_when_each_of_its_processes_does(db: None) -> None:
    now = timezone.now()
    assert last_beat(SHARES) is None
    for number, share in enumerate(SHARES):
        assert last_beat(SHARES) is None
        beat(share, now - timedelta(minutes=number))
    assert last_beat(SHARES) == now - timedelta(minutes=len(SHARES) - 1)
