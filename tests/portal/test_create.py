"""Opening a ticket by the form."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from otklik.core import blobs
from otklik.journal.models import Event
from otklik.tickets.models import Attachment, Ticket
from tests.cast import PASSWORD, Cast, build_cast
from tests.portal.helpers import as_, form, nonce, words_said

WORDS = {"summary": "Нет печати", "description": "Кнопка не нажимается.\nЧто делать?"}


def test_a_request_is_opened_and_its_number_named(cast: Cast) -> None:
    response = as_(cast.anna).post(form(cast), WORDS)
    ticket = Ticket.objects.get(subject="Нет печати")
    assert response["Location"] == f"/servicedesk/customer/portal/{cast.desk.pk}/{ticket.key}"
    assert ticket.key in words_said(response)[0]
    assert (ticket.requester, ticket.channel) == (cast.anna, "portal")
    assert ticket.messages.get().text == WORDS["description"]


def test_the_other_spelling_of_the_address_takes_it_too(cast: Cast) -> None:
    address = form(cast).replace("/create/", "/group/4/create/")
    assert as_(cast.anna).get(address).status_code == 200
    assert as_(cast.anna).post(address, WORDS).status_code == 302


def test_files_come_along_under_clean_names(cast: Cast, home: Path) -> None:
    files = [
        SimpleUploadedFile("снимок.png", b"\x89PNG", "image/png"),
        SimpleUploadedFile("пустой.txt", b"", "text/plain"),
        SimpleUploadedFile("a\u202egnp.exe", b"MZ", "image/png"),
    ]
    assert as_(cast.anna).post(form(cast), {**WORDS, "attachments": files}).status_code == 302
    rows = list(Attachment.objects.order_by("id"))
    assert [row.name for row in rows] == ["снимок.png", "пустой.txt", "agnp.exe"]
    assert blobs.read(rows[0].digest) == b"\x89PNG"


@pytest.mark.parametrize("missing", ["summary", "description"])
def test_what_is_missing_is_said_at_the_field_and_nothing_is_lost(cast: Cast, missing: str) -> None:
    response = as_(cast.anna).post(form(cast), {**WORDS, missing: " "})
    shown = response.content.decode()
    assert response.status_code == 422
    assert f'id="id_{missing}_error"' in shown
    assert all(words.split("\n")[0] in shown for name, words in WORDS.items() if name != missing)
    assert Ticket.objects.count() == 1


def test_too_large_a_file_is_named_and_the_words_stay(cast: Cast, home: Path, settings: Settings) -> None:
    settings.ATTACHMENT_SIZE_LIMIT = 10
    response = as_(cast.anna).post(form(cast), {**WORDS, "attachments": SimpleUploadedFile("big.bin", b"x" * 11)})
    assert response.status_code == 422
    assert "big.bin" in response.content.decode() and "Нет печати" in response.content.decode()


def test_rl_33_the_same_form_sent_twice_opens_one_request(cast: Cast) -> None:
    anna = as_(cast.anna)
    words = {**WORDS, "nonce": nonce(anna.get(form(cast)).content.decode())}
    first, second = anna.post(form(cast), words), anna.post(form(cast), words)
    assert first["Location"] == second["Location"]
    assert Ticket.objects.filter(subject="Нет печати").count() == 1


@pytest.mark.django_db(transaction=True)
def test_rl_33_twenty_at_once_open_one_request(home: Path) -> None:
    cast = build_cast()
    anna = as_(cast.anna)
    words = {**WORDS, "nonce": nonce(anna.get(form(cast)).content.decode())}
    cookie = anna.cookies["otklik_session"].value

    def send(_: int) -> str:
        client = Client()
        client.cookies["otklik_session"] = cookie
        try:
            return str(client.post(form(cast), words)["Location"])
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        places = set(pool.map(send, range(20)))
    assert len(places) == 1
    assert Ticket.objects.filter(subject="Нет печати").count() == 1
    assert Event.objects.filter(kind="ticket.opened").count() == 2


def test_a_refused_form_keeps_its_nonce(cast: Cast) -> None:
    anna = as_(cast.anna)
    mark = nonce(anna.get(form(cast)).content.decode())
    shown = anna.post(form(cast), {"summary": "x", "nonce": mark}).content.decode()
    assert nonce(shown) == mark


def test_rl_36_words_survive_a_session_that_ended(cast: Cast) -> None:
    client = Client()
    response = client.post(form(cast), WORDS)
    assert response["Location"] == f"/servicedesk/customer/user/login?next={form(cast)}"
    back = client.post(
        "/servicedesk/customer/user/login", {"login": "anna@clinic.test", "password": PASSWORD, "next": form(cast)}
    )
    assert back["Location"] == form(cast)
    shown = client.get(form(cast)).content.decode()
    assert "Нет печати" in shown and "Кнопка не нажимается." in shown
    # They are a draft now: it stays until it is sent or thrown away.
    assert "Нет печати" in client.get(form(cast)).content.decode()
    assert client.post(form(cast), WORDS).status_code == 302
    assert "Нет печати" not in client.get(form(cast)).content.decode()


def test_words_given_in_the_link_stand_in_the_form(cast: Cast) -> None:
    assert "Из ссылки" in as_(cast.anna).get(form(cast) + "?summary=Из+ссылки").content.decode()


def test_ab_50_no_other_field_of_a_ticket_can_be_set(cast: Cast) -> None:
    extra = {
        "requester": cast.boris.pk,
        "status": 4,
        "priority": 1,
        "assignee": cast.agent.pk,
        "number": 77,
        "key": "X-1",
    }
    as_(cast.anna).post(form(cast), {**WORDS, **extra})
    ticket = Ticket.objects.get(subject="Нет печати")
    assert (ticket.requester, ticket.number, ticket.assignee, ticket.status.name) == (cast.anna, 2, None, "Открытый")


def test_ab_56_without_a_token_nothing_is_opened(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.anna)
    assert client.post(form(cast), WORDS).status_code == 403
    assert Ticket.objects.count() == 1
