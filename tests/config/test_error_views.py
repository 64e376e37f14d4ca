"""Error pages: outages are reported as temporary, everything else as our fault."""

import errno

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from pytest_django.fixtures import Settings

from otklik.core import blobs, disk_space
from otklik.portal.views import create
from otklik.tickets.models import Ticket
from tests.cast import PASSWORD, Cast
from tests.portal.helpers import card

WORDS = {"summary": "Не входит", "description": "Подробно о том, что не входит"}


@pytest.fixture
def anna(cast: Cast, home: object) -> Client:
    """Return a client of the requester that shows error pages instead of raising."""
    client = Client(raise_request_exception=False)
    assert client.login(email="anna@clinic.test", password=PASSWORD)
    return client


def form(cast: Cast) -> str:
    kind = cast.desk.request_types.order_by("position")[0]
    return f"/servicedesk/customer/portal/{cast.desk.pk}/create/{kind.pk}"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OperationalError("server closed the connection"), 503),
        (OSError(errno.ENOSPC, "No space left on device"), 503),
        (OSError(errno.ENOENT, "No such file"), 500),
        (KeyError("secret word"), 500),
    ],
)
def test_rl_12_trouble_of_the_machine_is_a_pause(
    cast: Cast, anna: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(create, "_open", fail)
    answer = anna.post(form(cast), WORDS)
    page = answer.content.decode()
    assert answer.status_code == status and "Traceback" not in page and str(error.args[-1]) not in page
    assert (answer.headers.get("Retry-After") == "10") == (status == 503)
    assert ("Написанное не потеряно" in page) == (status == 503)


def test_rl_11_no_room_for_a_file_keeps_the_words(
    cast: Cast, anna: Client, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(disk_space, "LOW_WATER", 2**70)
    monkeypatch.setattr(disk_space, "LOW_SHARE", 1.0)
    with pytest.raises(OSError, match="hardly any room"):
        blobs.put(b"x")
    before = Ticket.objects.count()
    file = SimpleUploadedFile("a.txt", b"x", "text/plain")
    answer = anna.post(form(cast), {**WORDS, "attachments": file})
    page = answer.content.decode()
    assert answer.status_code == 422 and "Сейчас нет места для файлов" in page
    assert WORDS["summary"] in page and WORDS["description"] in page
    assert Ticket.objects.count() == before
    monkeypatch.undo()
    assert anna.post(form(cast), WORDS).status_code == 302


def test_too_much_at_once_says_what_to_do(db: None) -> None:
    client = Client(raise_request_exception=False)
    client.cookies["otklik_sight"] = "1-150-black-normal-normal-sans-shown"
    answer = client.post("/servicedesk/customer/user/sight", {"words": "я" * 6_000_000})
    page = answer.content.decode()
    assert answer.status_code == 413 and "Слишком много за один раз" in page and "scheme-black" in page


@pytest.mark.parametrize("place", ["", "comment:0", "nonsense"])
def test_a_page_that_was_open_for_too_long_promises_only_what_is_kept(cast: Cast, place: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.anna)
    typed = {"comment": "слова", "draft.place": place, "draft.page": "/servicedesk/customer/portals"}
    refused = client.post(card(cast, "/comment"), typed, headers={"Origin": "http://testserver"})
    page = refused.content.decode()
    assert refused.status_code == 403 and "Вернитесь" in page and "сохранено" not in page
