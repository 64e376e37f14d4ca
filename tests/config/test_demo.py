"""The demo's mail pages."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings

from otklik.mail.models import InboundMail, OutboundMail
from otklik.tickets.models import Ticket
from tests.cast import Cast, build_cast
from tests.postoffice import run_all, running_intake


@pytest.fixture
def people(transactional_db: None, home: None) -> Cast:
    return build_cast()


def test_a_visitor_writes_reads_and_answers(people: Cast, client: Client, settings: Settings) -> None:
    settings.OUTGOING = ""
    with running_intake() as port:
        settings.DEMO_SMTP = f"127.0.0.1:{port}"
        file = SimpleUploadedFile("скан.txt", "привет".encode(), "text/plain")
        letter = {"from_name": "Иван", "from_address": "ivan@clinic.test", "to": "accredo@desk.test", "subject": "Тест"}
        sent = client.post("/demo/mail/write", {**letter, "text": "Помогите", "attachments": [file]})
        assert sent.status_code == 302
        run_all()
        ticket = Ticket.objects.get(key="ACCREDO-2")
        opening = ticket.messages.get()
        assert (ticket.subject, opening.text) == ("Тест", "Помогите")
        assert [a.name for a in opening.attachments.all()] == ["скан.txt"]

        accepted = OutboundMail.objects.get(kind="accepted", recipient="ivan@clinic.test")
        listed = client.get("/demo/mail", {"q": "IVAN"}).content.decode()
        assert "ACCREDO-2" in listed and "Активировать" not in listed and "boris@" not in listed
        page = client.get(f"/demo/mail/{accepted.pk}").content.decode()
        assert accepted.reply_to in page and "ACCREDO-2" in page
        form = client.get("/demo/mail/write", {"reply": accepted.pk}).content.decode()
        assert accepted.reply_to in form and "ivan@clinic.test" in form
        answer = {**letter, "reply": accepted.pk, "to": accepted.reply_to, "text": "Уже не надо"}
        assert client.post("/demo/mail/write", answer).status_code == 302
        run_all()
    assert [m.text for m in ticket.messages.order_by("id")] == ["Помогите", "Уже не надо"]
    assert InboundMail.objects.get(fate="comment").level == "proved"


def test_a_mail_is_shown_in_a_frame_that_can_do_nothing(people: Cast, client: Client, settings: Settings) -> None:
    settings.OUTGOING = ""
    run_all()
    mail = OutboundMail.objects.filter(state="kept").exclude(html="")[0]
    shown = client.get(f"/demo/mail/{mail.pk}/html")
    assert "sandbox" in shown["Content-Security-Policy"] and "script-src" not in shown["Content-Security-Policy"]
    assert client.get("/demo/mail/999999/html").status_code == 404


def test_what_was_typed_is_kept_when_the_intake_is_away(
    people: Cast, client: Client, settings: Settings, free_port: int
) -> None:
    settings.DEMO_SMTP = f"127.0.0.1:{free_port}"
    letter = {"from_address": "ivan@clinic.test", "to": "accredo@desk.test", "subject": "Важно", "text": "Слова"}
    refused = client.post("/demo/mail/write", letter)
    assert refused.status_code == 422
    assert "Важно" in refused.content.decode() and "Слова" in refused.content.decode()
