"""Replies and notes: readers, exactly once, and never on top of unseen changes."""

import re
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.core import blobs
from otklik.journal.models import Event
from otklik.people.actor import Actor
from otklik.tickets.commands.comment import comment
from otklik.tickets.content import Words
from otklik.tickets.models import Attachment, Message, Ticket
from tests.cast import START, Cast, build_cast
from tests.workspace.helpers import as_, composer, page_of, picture


def test_a_reply_is_public_and_the_page_shows_it(cast: Cast) -> None:
    client = as_(cast.agent)
    response = client.post("/browse/ACCREDO-1/reply", composer(client, cast.ticket, "Готово, проверьте."))
    made = Message.objects.latest("id")
    assert response.status_code == 302 and response.headers["Location"] == f"/browse/ACCREDO-1#message-{made.pk}"
    assert (made.kind, made.text, made.author, made.held) == ("public", "Готово, проверьте.", cast.agent, False)
    assert Event.objects.latest("id").via == "agent"
    page = page_of(client.get("/browse/ACCREDO-1"))
    assert f'data-message="{made.pk}" data-kind="public"' in page and "Готово, проверьте." in page


def test_ab_48_a_note_is_internal_whatever_else_is_sent(cast: Cast) -> None:
    client = as_(cast.agent)
    words = composer(client, cast.ticket, "Только для своих", kind="public", composer="public")
    assert client.post("/browse/ACCREDO-1/note", words).status_code == 302
    assert Message.objects.latest("id").kind == "internal"


def test_ab_50_no_other_field_is_taken(cast: Cast) -> None:
    client = as_(cast.agent)
    extra = {
        "author": cast.anna.pk, "author_id": cast.anna.pk, "ticket": "2", "held": "1", "opening": "1",
        "kind": "internal", "why": "x", "html": "<b>x</b>", "claimed_author": "x", "created_at": "2000-01-01",
        "status": "4", "assignee": "1",
    }  # fmt: skip
    before = picture(Ticket.objects.all())
    client.post("/browse/ACCREDO-1/reply", {**composer(client, cast.ticket, "Ответ"), **extra})
    made = Message.objects.latest("id")
    assert (made.kind, made.author, made.ticket, made.html, made.why) == ("public", cast.agent, cast.ticket, "", "")
    assert not made.held and not made.opening and made.created_at.year > 2000
    after = picture(Ticket.objects.all())
    for row in (*before, *after):
        row.pop("version"), row.pop("updated_at"), row.pop("shown_at")
    assert after == before


@pytest.mark.parametrize("act", ["reply", "note"])
def test_nothing_written_is_said_so(cast: Cast, act: str) -> None:
    client = as_(cast.agent)
    response = client.post(f"/browse/ACCREDO-1/{act}", composer(client, cast.ticket, "  \n "))
    assert response.status_code == 422 and Message.objects.filter(ticket=cast.ticket).count() == 3
    assert "Напишите что-нибудь или приложите файл" in page_of(response)


def test_a_refused_form_keeps_what_was_typed(cast: Cast) -> None:
    client = as_(cast.agent)
    long = "Очень длинный текст " * 11_000
    response = client.post("/browse/ACCREDO-1/note", composer(client, cast.ticket, long))
    assert response.status_code == 422 and page_of(response).count("Очень длинный текст") >= 11_000


def test_files_are_attached_by_clean_names(cast: Cast, home: Path) -> None:
    client = as_(cast.agent)
    files = [
        SimpleUploadedFile("..\\скан\u202egnp.exe", b"one"),
        SimpleUploadedFile("b.txt", b"", "text/plain"),
    ]
    response = client.post("/browse/ACCREDO-1/reply", {**composer(client, cast.ticket, ""), "attachments": files})
    assert response.status_code == 302
    made = Attachment.objects.order_by("id")
    assert [file.name for file in made] == ["сканgnp.exe", "b.txt"]
    assert blobs.read(made[0].digest) == b"one" and made[1].size == 0


def test_a_file_too_large_is_refused_and_the_text_kept(cast: Cast, home: Path, settings: Settings) -> None:
    settings.ATTACHMENT_SIZE_LIMIT = 3
    client = as_(cast.agent)
    words = {**composer(client, cast.ticket, "Смотрите файл"), "attachments": SimpleUploadedFile("a", b"four")}
    response = client.post("/browse/ACCREDO-1/reply", words)
    page = page_of(response)
    assert response.status_code == 422 and "слишком большой" in page and "Смотрите файл</textarea>" in page
    assert not Attachment.objects.exists()


def test_files_stay_attached_when_the_form_is_refused(cast: Cast, home: Path, settings: Settings) -> None:
    settings.ATTACHMENT_SIZE_LIMIT = 3
    client = as_(cast.agent)
    files = [SimpleUploadedFile("a.txt", b"one"), SimpleUploadedFile("b.txt", b"four")]
    words = {**composer(client, cast.ticket, "Смотрите файл"), "attachments": files}
    page = page_of(client.post("/browse/ACCREDO-1/reply", words))
    assert "«b.txt» слишком большой" in page and page.count('name="attachments.kept"') == 1
    kept = hidden_ticket(page)
    again = {**words, "attachments.kept": kept}
    del again["attachments"]
    assert client.post("/browse/ACCREDO-1/reply", again).status_code == 302
    assert [file.name for file in Attachment.objects.all()] == ["a.txt"]
    # AB-45: nobody else can attach it.
    other = as_(cast.lead)
    stolen = {**composer(other, cast.ticket, "Чужой файл"), "attachments.kept": kept}
    assert other.post("/browse/ACCREDO-1/reply", stolen).status_code == 302 and Attachment.objects.count() == 1


def hidden_ticket(page: str) -> str:
    found = re.search(r'name="attachments.kept" value="([^"]+)"', page)
    assert found
    return found.group(1)


def test_rl_33_the_same_form_twice_is_one_message(cast: Cast) -> None:
    client = as_(cast.agent)
    words = composer(client, cast.ticket, "Один раз")
    first, second = (client.post("/browse/ACCREDO-1/reply", words) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert Message.objects.filter(text="Один раз").count() == 1
    other = client.post("/browse/ACCREDO-1/reply", {**words, "comment": "После кнопки «назад»"})
    assert other.status_code == 302 and Message.objects.filter(text="После кнопки «назад»").count() == 1


def test_rl_33_the_same_words_with_other_files_another_step_or_time_are_another_reply(cast: Cast, home: Path) -> None:
    client = as_(cast.agent)
    day, next_day = (f"{timezone.now() + timedelta(days=days):%Y-%m-%dT10:00}" for days in (2, 3))
    steps = [str(row.pk) for row in cast.desk.transitions.filter(source=cast.ticket.status)[:2]]
    ways = (
        {}, {"attachments": SimpleUploadedFile("акт.pdf", b"%PDF-1.4")},
        {"attachments": SimpleUploadedFile("акт.pdf", b"%PDF-1.5")},
        {"send_at": day}, {"send_at": next_day},
        {"send_at": next_day, "step": steps[0]}, {"send_at": next_day, "step": steps[1]},
    )  # fmt: skip
    words = composer(client, cast.ticket, "Готово")
    places = [client.post("/browse/ACCREDO-1/reply", {**words, **way}).headers["Location"] for way in ways]
    assert len(set(places)) == len(ways)


@pytest.mark.django_db(transaction=True)
def test_rl_33_twenty_parallel_sendings_are_one_message() -> None:
    cast = build_cast()
    clients = [as_(cast.agent) for _ in range(20)]
    words = composer(clients[0], cast.ticket, "Один раз")
    found: list[str] = []

    def send(number: int) -> None:
        try:
            found.append(clients[number].post("/browse/ACCREDO-1/reply", words).headers["Location"])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 20 and len(set(found)) == 1
    assert Message.objects.filter(text="Один раз").count() == 1
    assert Event.objects.filter(kind="ticket.commented").count() == 3
    connection.close()


@pytest.mark.parametrize("act", ["reply", "note"])
def test_rl_34_somebody_wrote_meanwhile(cast: Cast, act: str) -> None:
    client = as_(cast.agent)
    words = composer(client, cast.ticket, "Мой длинный ответ")
    said = comment(actor=Actor(cast.anna, "mail"), at=START, ticket=cast.ticket, words=Words("Уже не нужно!"))
    response = client.post(f"/browse/ACCREDO-1/{act}", words)
    page = page_of(response)
    assert response.status_code == 409 and not Message.objects.filter(text="Мой длинный ответ").exists()
    assert "изменился, пока вы писали" in page and page.count("Мой длинный ответ</textarea>") == 1
    assert page.partition(f'id="{act}_comment"')[2].partition("</textarea>")[0].endswith("Мой длинный ответ")
    assert re.search(rf'entry-fresh"\s+data-message="{said.pk}"', page) and page.count("entry-fresh") == 1
    assert ("Отправить всё равно" if act == "reply" else "Сохранить всё равно") in page
    again = {**words, **{name: _hidden(page, act, name) for name in ("version", "seen", "nonce")}}
    assert client.post(f"/browse/ACCREDO-1/{act}", again).status_code == 302
    assert Message.objects.filter(text="Мой длинный ответ").count() == 1


def test_rl_34_my_own_acts_are_no_surprise(cast: Cast) -> None:
    client = as_(cast.agent)
    words = composer(client, cast.ticket, "Ответ")
    client.post("/browse/ACCREDO-1/take")
    assert client.post("/browse/ACCREDO-1/reply", words).status_code == 302


def test_a_script_may_send_the_words_alone(cast: Cast) -> None:
    assert as_(cast.agent).post("/browse/ACCREDO-1/reply", {"comment": "Коротко"}).status_code == 302


@pytest.mark.parametrize("broken", [{"version": "x"}, {"version": "9" * 40}, {"seen": "-1"}, {"nonce": "n" * 65}])
def test_broken_hidden_fields_are_refused_with_the_text_kept(cast: Cast, broken: dict[str, str]) -> None:
    response = as_(cast.agent).post("/browse/ACCREDO-1/reply", {"comment": "Слова", "version": "1", **broken})
    assert response.status_code == 422 and "Слова</textarea>" in page_of(response)


def _hidden(page: str, act: str, name: str) -> str:
    form = page.partition(f'action="/browse/ACCREDO-1/{act}"')[2]
    return form.partition(f'name="{name}" value="')[2].partition('"')[0]
