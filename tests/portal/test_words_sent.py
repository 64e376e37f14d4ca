"""Texts and files as other systems send them: decomposed letters, NUL characters, brackets in names."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django.fixtures import Settings

from otklik.tickets.models import Attachment, Message, Ticket
from tests.cast import Cast
from tests.portal.helpers import as_, card, form

REQUESTS = "/servicedesk/customer/user/requests"
MAC = {"summary": "Заше\u0308л в И\u0306ошкар-Олу", "description": "те\u0308плыи\u0306 и\u0306огурт"}


@pytest.mark.parametrize("typed", ["Йошкар", "И\u0306ошкар", "йогурт", "и\u0306огурт", "и\u0306ошкар"])
def test_words_from_a_mac_are_found_like_any_other(cast: Cast, typed: str) -> None:
    anna = as_(cast.anna)
    assert anna.post(form(cast), MAC).status_code == 302
    made = Ticket.objects.latest("id")
    assert made.subject == "Зашёл в Йошкар-Олу" and made.messages.get().text == "тёплый йогурт"
    assert made.key in anna.get(REQUESTS, {"filter": typed, "status": "all"}, follow=True).content.decode()
    assert made.key in as_(cast.agent).get("/projects/go", {"q": typed}, follow=True).content.decode()


@pytest.mark.parametrize("field", ["summary", "description"])
def test_a_nul_costs_no_words(cast: Cast, field: str) -> None:
    words = {"summary": "Нулевой знак", "description": "Текст, который жалко."}
    answer = as_(cast.anna).post(form(cast), {**words, field: f"{words[field]}\x00"})
    made = Ticket.objects.latest("id")
    assert answer.status_code == 302
    assert (made.subject, made.messages.get().text) == (words["summary"], words["description"])


def test_a_refused_form_and_its_draft_keep_the_words_without_the_nul(cast: Cast) -> None:
    anna = as_(cast.anna)
    page = anna.post(form(cast), {"summary": "", "description": "Текст,\x00 который жалко."})
    assert page.status_code == 422 and "Текст, который жалко." in page.content.decode()
    assert "Текст, который жалко." in anna.get(form(cast)).content.decode()


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("Снимок экрана (12).png", "Снимок экрана (12).png"),
        ("отче\u0308т.txt", "отчёт.txt"),
        ("C:\\dir\\name.txt", "name.txt"),
        ("Счёт 12\\24.pdf", "Счёт 12_24.pdf"),
    ],
)
@pytest.mark.parametrize("way", ["/comment", "upload"])
def test_files_keep_their_names(cast: Cast, home: Path, sent: str, name: str, way: str) -> None:
    anna, file = as_(cast.anna), SimpleUploadedFile("x", b"abc")
    vars(file)["_name"] = sent  # what a client claims, whatever Django would make of it
    words: dict[str, Any] = {"attachments": file, "field": "attachments", "comment": "x"}
    if way == "upload":
        assert name in anna.post("/servicedesk/customer/user/files", words).content.decode()
    else:
        assert anna.post(card(cast, way), words).status_code == 302
        assert Attachment.objects.get().name == name


def test_an_empty_file_is_told(cast: Cast, home: Path) -> None:
    anna, empty = as_(cast.anna), {"attachments": SimpleUploadedFile("a.txt", b""), "field": "attachments"}
    assert "файл пуст" in anna.post("/servicedesk/customer/user/files", empty).content.decode()
    anna.post(card(cast, "/comment"), {**empty, "comment": "x", "attachments": SimpleUploadedFile("a.txt", b"")})
    assert "файл пуст" in anna.get(card(cast)).content.decode()


def test_the_name_in_the_text_may_have_brackets_and_signs(cast: Cast, home: Path) -> None:
    anna, png = as_(cast.anna), b"\x89PNG\r\n\x1a\n" + b"0" * 50
    for name in ("a (12).png", "50% <x>.png", "скан [2].png"):
        words = {"comment": f"[рисунок: {name}]", "attachments": SimpleUploadedFile(name, png, "image/png")}
        assert anna.post(card(cast, "/comment"), words).status_code == 302
        message = Message.objects.latest("id")
        file = message.attachments.get()
        assert file.name == name
        page = anna.get(card(cast)).content.decode()
        assert f'<img class="inline-picture" src="/servicedesk/customershim/secure/thumbnail/{file.pk}/' in page


def test_three_hundred_uploads_an_hour_for_one_person(cast: Cast, home: Path) -> None:
    anna, boris = as_(cast.anna), as_(cast.boris)

    def upload(client: Any) -> int:
        file = SimpleUploadedFile("a.txt", b"abc")
        sent = client.post("/servicedesk/customer/user/files", {"field": "attachments", "attachments": file})
        return int(sent.status_code)

    assert {upload(anna) for _ in range(300)} == {200} and upload(anna) == 429
    assert anna.post(f"{form(cast)}/upload", {"field": "attachments"}).status_code == 429
    assert upload(boris) == 200


def test_a_file_that_is_refused_alone_is_named_and_nothing_sent_is_no_mistake(
    cast: Cast, home: Path, settings: Settings
) -> None:
    settings.ATTACHMENT_SIZE_LIMIT = 3
    anna = as_(cast.anna)
    for address in ("/servicedesk/customer/user/files", f"{form(cast)}/upload"):
        large = {"field": "attachments", "attachments": SimpleUploadedFile("велик.txt", b"abcd")}
        refused = anna.post(address, large).content.decode()
        assert "field-error" in refused and "велик.txt" in refused, address
        assert "field-error" not in anna.post(address, {"field": "attachments"}).content.decode(), address


def test_ten_files_are_kept_at_once_and_not_one_more(cast: Cast, home: Path) -> None:
    files = [SimpleUploadedFile(f"{number}.txt", b"abc") for number in range(11)]
    for some, refused in ((files[:10], False), (files, True)):
        words = {"field": "attachments", "attachments": some}
        page = as_(cast.anna).post("/servicedesk/customer/user/files", words).content.decode()
        assert ("не больше 10" in page or "Не больше 10" in page) == refused


def test_uploaded_files_are_their_owners_alone(cast: Cast, home: Path) -> None:
    page = as_(cast.anna).post(
        "/servicedesk/customer/user/files",
        {"field": "attachments", "attachments": SimpleUploadedFile("тайна.txt", b"abc")},
    )
    ticket = re.search(r'value="([^"]+)" checked', page.content.decode())
    assert ticket
    for client in (as_(cast.boris), as_(cast.agent)):
        for path in (card(cast, "/comment"), "/servicedesk/customer/user/files"):
            answer = client.post(path, {"comment": "x", "field": "attachments", "attachments.kept": ticket[1]})
            assert "тайна" not in answer.content.decode()
    assert Attachment.objects.count() == 0
    as_(cast.anna).post(card(cast, "/comment"), {"comment": "x", "attachments.kept": ticket[1]})
    assert Attachment.objects.get().name == "тайна.txt"
