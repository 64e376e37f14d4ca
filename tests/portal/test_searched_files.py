"""A file is scanned for our links once, not at each download (AB-29, RL-10)."""

import pytest
from django.utils import timezone

from otklik.core import blobs
from otklik.mail.secret_scan_mail import blanked_file
from otklik.people.actor import Actor
from otklik.privacy.archive import personal_archive
from otklik.tickets import new_files
from otklik.tickets.commands.comment import comment
from otklik.tickets.content import NewFile, Words
from otklik.tickets.models import Attachment
from tests.cast import Cast
from tests.portal.helpers import as_

LINK = b"https://desk.example/secure/ActivateAccount/8k-QgH6rb_mAMdE38z_u0txYiIHNRwKNiM5JbshQStI"


@pytest.fixture
def file(cast: Cast, home: object) -> Attachment:
    digest, size = blobs.put("Слова\n".encode() * 1_000)
    files = [NewFile(name="a.txt", content_type="text/plain", size=size, digest=digest)]
    comment(actor=Actor(cast.anna, "portal"), at=timezone.now(), ticket=cast.ticket, words=Words("x"), files=files)
    return Attachment.objects.get()


@pytest.fixture
def looks(file: Attachment, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that gets the size of each file searched from now on."""
    seen = list[int]()

    def noted(data: bytes) -> bytes:
        seen.append(len(data))
        return blanked_file(data)

    monkeypatch.setattr(new_files, "blanked_file", noted)
    return seen


def _got(cast: Cast, file: Attachment, **headers: str) -> bytes:
    path = f"/servicedesk/customershim/secure/attachment/{file.pk}/a.txt"
    answer = as_(cast.anna).get(path, headers=headers)
    assert answer.status_code in {200, 206}
    return answer.getvalue()


def test_rl_10_a_file_that_was_searched_when_it_came_is_not_searched_again(
    cast: Cast, file: Attachment, looks: list[int]
) -> None:
    assert _got(cast, file) == "Слова\n".encode() * 1_000
    assert _got(cast, file, range="bytes=0-9") == "Слова".encode()
    personal_archive(cast.anna, timezone.now())
    assert looks == []


def test_ab_29_a_file_that_came_before_is_searched_once_and_kept_so(
    cast: Cast, file: Attachment, looks: list[int]
) -> None:
    digest, size = blobs.put(b"see " + LINK)
    Attachment.objects.filter(pk=file.pk).update(digest=digest, size=size, searched=0)
    for _time in range(3):
        assert _got(cast, file) == b"see (personal-link)"
    assert _got(cast, file, range="bytes=0-2") == b"see"
    file.refresh_from_db()
    assert looks == [size] and file.size == len("see (personal-link)")
