"""Stored files that nothing refers to are removed, slowly and only when they can no longer be needed."""

import os
from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
from django.apps import apps
from django.db import models
from django.utils import timezone

from otklik.core import blobs
from otklik.core.models import UnusedBlob
from otklik.desks.models import CannedAnswer
from otklik.journal.models import Event
from otklik.mail.models import OutboundFile, OutboundMail
from otklik.people.models import DataExport
from otklik.tickets.files_in_use import LISTING, NAMING, named_among
from otklik.tickets.models import Attachment, Draft, Message, PendingReply, Unconfirmed
from otklik.worker import unused_files
from otklik.worker.unused_files import SHELVES, UNUSED_KEPT, UnusedFiles, sweep
from tests.cast import Cast
from tests.statement_caps import statements_at_most

pytestmark = pytest.mark.usefixtures("home")
# Hashes of secrets and of mails, which are no names of files.
NO_FILES = {"mail.InboundMail", "people.AccountToken", "people.ApiToken", "tickets.Unconfirmed"}
_numbers = count()


def stored(days_ago: int = 100) -> str:
    """Store a file with this age; return its digest."""
    digest, _ = blobs.put(f"bytes {next(_numbers)}".encode())
    at = (timezone.now() - timedelta(days=days_ago)).timestamp()
    os.utime(blobs.path_of(digest), (at, at))
    return digest


def sweep_all(days_from_now: float = 0, *, remove: bool = True) -> tuple[int, int]:
    """Return how many files were unused and how many were removed."""
    at = timezone.now() + timedelta(days=days_from_now)
    done = [sweep(shelf, at, remove=remove) for shelf in SHELVES]
    return sum(one.unused for one in done), sum(one.removed for one in done)


def is_there(digest: str) -> bool:
    return blobs.path_of(digest).exists()


def test_it_takes_two_looks_two_weeks_apart(db: None) -> None:
    old, young = stored(), stored(days_ago=13)
    assert sweep_all() == (1, 0) and sweep_all() == (1, 0)
    assert sweep_all(13) == (2, 0)
    assert sweep_all(15, remove=False) == (2, 0) and is_there(old)
    assert sweep_all(15) == (2, 1)
    assert not is_there(old) and is_there(young)
    assert set(UnusedBlob.objects.values_list("digest", flat=True)) == {young}


def message(cast: Cast) -> Message:
    return Message.objects.filter(ticket=cast.ticket)[0]


def outbound() -> OutboundMail:
    now = timezone.now()
    return OutboundMail.objects.create(
        recipient="x@y.test", sender="a@b.test", kind="comment", cause=f"{next(_numbers)}", subject="x", text="x",
        message_id=f"<{next(_numbers)}@x>", created_at=now, retry_at=now,
    )  # fmt: skip


def file_of(digest: str) -> dict[str, object]:
    return {"name": "a.pdf", "type": "application/pdf", "size": 3, "digest": digest}


PLACES: dict[str, Callable[[Cast, str], object]] = {
    "attachment": lambda cast, digest: Attachment.objects.create(
        message=message(cast), name="a", content_type="b", size=1, digest=digest
    ),
    "sent file": lambda cast, digest: OutboundFile.objects.create(
        mail=outbound(), name="a", content_type="b", size=1, digest=digest
    ),
    "export": lambda cast, digest: DataExport.objects.create(
        person=cast.anna, asked_at=timezone.now(), digest=digest, expires_at=timezone.now()
    ),
    "logo": lambda cast, digest: type(cast.desk).objects.filter(pk=cast.desk.pk).update(logo_digest=digest),
    "former logo": lambda cast, digest: Event.objects.create(
        at=timezone.now(), kind="desk.changed", subject_kind="desk", subject_id=cast.desk.pk, actor="x", via="agent",
        data={"changes": [{"name": "logo_digest", "before": digest, "after": ""}]},
    ),
    "canned answer": lambda cast, digest: CannedAnswer.objects.create(
        owner=cast.agent, name="A", files=[file_of(digest)]
    ),
    "deleted canned answer": lambda cast, digest: CannedAnswer.objects.create(
        desk=cast.desk, name="D", files=[file_of(digest)], removed_at=timezone.now()
    ),
    "former file of a canned answer": lambda cast, digest: Event.objects.create(
        at=timezone.now(), kind="desk.changed", subject_kind="desk", subject_id=cast.desk.pk, actor="x", via="agent",
        data={"changes": [{"name": "files", "before": [file_of(digest)], "after": []}]},
    ),
    "pending reply": lambda cast, digest: PendingReply.objects.create(
        ticket=cast.ticket, author=cast.agent, files=[file_of(digest)], written_at=timezone.now(),
        due_at=timezone.now(),
    ),
    "draft": lambda cast, digest: Draft.objects.create(
        person=cast.anna, kind="comment", subject_id=cast.ticket.pk, files={"attachments": [file_of(digest)]},
        updated_at=timezone.now(),
    ),
    "draft thrown away": lambda cast, digest: Draft.objects.create(
        person=cast.anna, kind="comment", subject_id=cast.ticket.pk, updated_at=timezone.now(),
        former={"words": {}, "files": {"attachments": [file_of(digest)]}, "thrown": True},
    ),
    "unconfirmed": lambda cast, digest: Unconfirmed.objects.create(
        digest="0" * 64, request_type=cast.desk.request_types.all()[0], address="x@y.test",
        files=[file_of(digest)], created_at=timezone.now(), expires_at=timezone.now(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_rl_38_a_file_that_something_names_stays(cast: Cast, place: str) -> None:
    digest = stored()
    sweep_all()
    assert UnusedBlob.objects.filter(digest=digest).exists()
    PLACES[place](cast, digest)
    sweep_all(20)
    assert is_there(digest) and named_among([digest]) == {digest}
    assert not UnusedBlob.objects.filter(digest=digest).exists()


def test_rl_38_a_mail_that_comes_in_while_it_is_being_removed_keeps_its_file(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"the same act as last year"
    digest, _ = blobs.put(content)
    os.utime(blobs.path_of(digest), (0, 0))
    sweep_all()
    UnusedBlob.objects.update(since=timezone.now() - UNUSED_KEPT * 2)

    def look_and_then_somebody_stores_it(digests: set[str]) -> set[str]:
        found = named_among(digests)
        if digest in digests:
            blobs.put(content)
            PLACES["attachment"](cast, digest)
        return found

    monkeypatch.setattr(unused_files, "named_among", look_and_then_somebody_stores_it)
    sweep_all()
    assert blobs.read(digest) == content


def test_rl_38_all_places_are_looked_at_in_one_moment(cast: Cast) -> None:
    """A file that moves from a draft to a message between two statements would be found in neither."""
    places = set(PLACES) - {"draft thrown away"}  # one draft for each composer
    digests = [stored() for _place in places]
    for place, digest in zip(places, digests, strict=True):
        PLACES[place](cast, digest)
    with statements_at_most("what names files"):
        named = named_among([*digests, stored()])
    assert named == set(digests)


def test_every_column_that_names_files_is_known(db: None) -> None:
    """A new column for files must be added to NAMING or LISTING, or its files are removed after two weeks."""
    naming, listing = set(NAMING), set(LISTING)
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            hexes = isinstance(field, models.CharField) and field.max_length == 64 and "digest" in field.name
            if hexes and model._meta.label not in NO_FILES | {"core.UnusedBlob"}:
                assert (model, field.name) in naming, f"{model._meta.label}.{field.name}"
            if isinstance(field, models.JSONField) and "file" in field.name:
                assert (model, field.name) in listing, f"{model._meta.label}.{field.name}"


def test_the_worker_looks_at_one_shelf_at_a_time_and_rests(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []
    monkeypatch.setattr(
        unused_files,
        "sweep",
        lambda shelf, at: looked_at.append(shelf) or unused_files.Swept(),  # type: ignore[func-returns-value]
    )
    files = UnusedFiles()
    for _step in range(300):
        assert files.step() is False
    assert looked_at == ["00"]
    for _step in range(255):
        files._not_before = 0.0
        files.step()
    assert looked_at == list(SHELVES)
