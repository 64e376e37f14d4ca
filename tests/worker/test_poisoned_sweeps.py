"""One row or file that cannot be removed does not stop the removal of others."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.core import blobs
from otklik.core.models import Submission, UnusedBlob
from otklik.mail.models import InboundMail
from otklik.mail.retention import Sweep
from otklik.people.models import DataExport
from otklik.privacy.exports import export_next
from otklik.worker import cleanup
from otklik.worker.cleanup import tidy
from otklik.worker.unused_files import sweep as sweep_files
from tests.cast import START, Cast
from tests.intake.test_decisions import inject
from tests.postoffice import letter
from tests.worker.test_poisoned_rows import refusing


def test_a_row_that_cannot_be_removed_keeps_no_other_of_its_kind(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleanup, "STEP", 4)
    old = timezone.now() - timedelta(days=400)
    for number in range(11):
        Submission.objects.create(mark=f"{number:064}", at=old)
    with refusing("core_submission", "OLD.mark LIKE '%2'"):
        tidy(timezone.now())
        assert list(Submission.objects.values_list("mark", flat=True)) == [f"{2:064}"]
    tidy(timezone.now())
    assert not Submission.objects.exists()


def test_an_original_that_cannot_be_removed_keeps_no_other(people: Cast, settings: Settings) -> None:
    settings.KEEP_ORIGINALS = 30
    mails = [inject(letter(text=one)) for one in ("eins", "zwei", "drei")]
    long_ago = timezone.now() - timedelta(days=100)
    InboundMail.objects.update(settled_at=long_ago)
    sweep = Sweep()
    with refusing("mail_inboundmail", f"OLD.id = {mails[1].pk}"):
        for _ in range(3):
            sweep._not_before = 0.0
            sweep.step()
        kept = InboundMail.objects.filter(raw_removed_at=None).values_list("pk", flat=True)
        assert list(kept) == [mails[1].pk]


def test_an_archive_that_cannot_be_removed_keeps_no_other(cast: Cast, home: Path) -> None:
    rows = [DataExport.objects.create(person=who, asked_at=START) for who in (cast.anna, cast.boris, cast.agent)]
    DataExport.objects.update(ready_at=START, expires_at=START)
    with refusing("people_dataexport", f"OLD.id = {rows[0].pk}"):
        while export_next():
            pass
        assert list(DataExport.objects.all()) == [rows[0]]


def test_a_file_that_cannot_be_removed_keeps_no_other_of_its_shelf(db: None, home: Path) -> None:
    some = [f"ab{number:062x}" for number in range(3)]
    before = timezone.now() - timedelta(days=400)
    UnusedBlob.objects.bulk_create([UnusedBlob(digest=one, since=before) for one in some])
    for one in some:
        place = blobs.path_of(one)
        place.parent.mkdir(parents=True, exist_ok=True)
        # What is no file cannot be unlinked, by root neither.
        place.mkdir() if one == some[0] else place.touch()
        os.utime(place, (before.timestamp(), before.timestamp()))
    assert sweep_files("ab", timezone.now()).removed == 2
    assert [one for one in some if blobs.path_of(one).exists()] == some[:1]
