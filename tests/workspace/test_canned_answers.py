"""Canned answers: kept on pages by leads and agents, inserted with the request's values, brought in from a file."""

import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from otklik.core import blobs
from otklik.desks.commands.canned_answers import add_canned_answer, note_use
from otklik.desks.commands.settings import changes_of, undo
from otklik.desks.models import CannedAnswer, CannedAnswerUse
from otklik.tickets.models import Attachment, Message, PendingReply
from tests.acting import by
from tests.cast import Cast
from tests.workspace.helpers import as_, composer, hidden, page_of

HELLO = "Здравствуйте, {person.name}!\n\nЗапрос {ticket.key}.{if desk.phone} Звоните: {desk.phone}{end}"


def made(cast: Cast, name: str = "Приветствие", *, own: bool = False, **texts: str) -> CannedAnswer:
    """An answer of the desk, or the agent's own."""
    values = {
        "folder": "",
        "name": name,
        "texts": {code: {"text": text} for code, text in (texts or {"ru": HELLO}).items()},
    }
    desk = None if own else cast.desk
    return add_canned_answer(**by(cast.agent if own else cast.lead), desk=desk, values=values)


def with_file(cast: Cast) -> CannedAnswer:
    """An answer of the desk with one file."""
    digest, size = blobs.put(b"to fill in")
    file = {"name": "Бланк.txt", "content_type": "text/plain", "size": size, "digest": digest}
    values = {"folder": "", "name": "С бланком", "texts": {"ru": {"text": "Вот бланк"}}, "files": [file]}
    return add_canned_answer(**by(cast.lead), desk=cast.desk, values=values)


def sent(name: str, **more: str) -> dict[str, str]:
    return {"name": name, "folder": "Доступ", "text_ru": HELLO, "text_en": "", **more}


def choices(client: Client, typed: str = "") -> list[tuple[str, str]]:
    answer = client.get("/browse/ACCREDO-1/canned/choices", {"q": typed})
    return [(choice["label"], choice["language"]) for choice in answer.json()["choices"]]


def insert(client: Client, answer: CannedAnswer, language: str = "ru") -> dict[str, object]:
    address = f"/browse/ACCREDO-1/canned/{answer.pk}"
    return dict(client.post(address, {"language": language}, headers={"Accept": "application/json"}).json())


def test_ab_47_a_desks_page_lists_neither_another_desks_answers_nor_anybodys_own(cast: Cast) -> None:
    made(cast, "Общий ответ")
    made(cast, "Личный ответ", own=True)
    values = {"folder": "", "name": "Чужой ответ", "texts": {"ru": {"text": "x"}}}
    add_canned_answer(**by(cast.admin), desk=cast.other_desk, values=values)
    page = page_of(as_(cast.lead).get("/projects/ACCREDO/settings/canned"))
    assert "Общий ответ" in page and "Личный ответ" not in page and "Чужой ответ" not in page


def test_a_lead_keeps_those_of_the_desk(cast: Cast) -> None:
    client = as_(cast.lead)
    assert "Пока ни одного" in page_of(client.get("/projects/ACCREDO/settings/canned"))
    form = page_of(client.get("/canned/add?for=ACCREDO"))
    assert "{person.name}" in form and 'value="ACCREDO" selected' in form
    answer = client.post("/canned/add", sent("Продлить", whose="ACCREDO"))
    assert answer.headers["Location"] == "/projects/ACCREDO/settings/canned"
    made = CannedAnswer.objects.get(desk=cast.desk)
    page = page_of(client.get("/projects/ACCREDO/settings/canned"))
    assert "Доступ" in page and f"/canned/{made.pk}/edit" in page and "Русский" in page
    client.post(f"/canned/{made.pk}/edit", sent("Продлить доступ", text_en="Hello"))
    made.refresh_from_db()
    assert made.name == "Продлить доступ" and set(made.texts) == {"ru", "en"}
    assert "Продлить доступ" in page_of(client.get("/projects/ACCREDO/settings/history"))
    gone = client.post(f"/canned/{made.pk}/remove")
    assert gone.headers["Location"] == f"/projects/ACCREDO/settings/canned?deleted={made.pk}"
    assert "Отменить" in page_of(client.get(gone.headers["Location"])) and not CannedAnswer.objects.exists()
    client.post(f"/canned/{made.pk}/restore")
    assert CannedAnswer.objects.get().pk == made.pk


def test_an_agent_keeps_ones_own_and_nobody_else_sees_them(cast: Cast) -> None:
    client = as_(cast.agent)
    client.post("/canned/add", sent("Мой", whose="ACCREDO"))  # who leads no desk is not asked
    own = CannedAnswer.objects.get()
    assert (own.owner, own.desk) == (cast.agent, None) and "Мой" in page_of(client.get("/canned"))
    others = as_(cast.lead)
    assert "Мой" not in page_of(others.get("/canned")) and choices(others) == []
    for act in ("edit", "remove", "restore"):
        assert others.post(f"/canned/{own.pk}/{act}", sent("Чужой")).status_code == 404
    assert others.post(f"/browse/ACCREDO-1/canned/{own.pk}", {"language": "ru"}).status_code == 404
    assert choices(client) == [("Мой", "ru")]
    assert "/canned" in [goal["url"] for goal in client.get("/projects/go/palette?q=готов отв").json()["goals"]]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "обязател"),
        ({"text_ru": "", "text_en": " "}, "хотя бы на одном языке"),
        ({"text_ru": "раз\n{person.nam}"}, "Строка 2"),
        ({"text_en": "{if desk.phone}"}, "Строка 1"),
        ({"name": "Занято", "folder": ""}, "уже есть"),
    ],
)
def test_what_is_refused_is_said_and_kept(cast: Cast, fields: dict[str, str], said: str) -> None:
    made(cast, "Занято")
    response = as_(cast.lead).post("/canned/add", {**sent("Новый", whose="ACCREDO"), **fields})
    page = page_of(response)
    assert response.status_code == 422 and said in page and (fields.get("text_ru", HELLO)).split("\n")[0] in page
    assert CannedAnswer.objects.count() == 1


def test_it_comes_with_the_values_of_the_request(cast: Cast) -> None:
    client, answer = as_(cast.agent), made(cast)
    cast.desk.phone = ""
    cast.desk.save()
    assert insert(client, answer) == {
        "text": "Здравствуйте, Анна Петрова!\n\nЗапрос ACCREDO-1.",
        "unfilled": [],
        "files": [],
    }
    cast.desk.phone = "+7 495 000-00-01"
    cast.desk.save()
    assert str(insert(client, answer)["text"]).endswith("Запрос ACCREDO-1. Звоните: +7 495 000-00-01")
    use = CannedAnswerUse.objects.get()
    assert (use.person, use.times) == (cast.agent, 2)
    bare = made(cast, "Поле", ru="{answer.customfield_99} и {desk.name} {{так}}")
    assert insert(client, bare) == {
        "text": f"{{answer.customfield_99}} и {cast.desk.name} {{так}}",
        "unfilled": ["{answer.customfield_99}"],
        "files": [],
    }
    assert client.post(f"/browse/ACCREDO-1/canned/{answer.pk}", {"language": "de"}).status_code == 404
    assert as_(cast.agent_elsewhere).get("/browse/ACCREDO-1/canned/choices").status_code == 404


def test_those_of_another_desk_are_not_offered(cast: Cast) -> None:
    values = {"folder": "", "name": "Чужой", "texts": {"ru": {"text": "Нет"}}}
    other = add_canned_answer(**by(cast.admin), desk=cast.other_desk, values=values)
    client = as_(cast.admin)
    assert choices(client) == []
    assert client.post(f"/browse/ACCREDO-1/canned/{other.pk}", {"language": "ru"}).status_code == 404


def test_letters_find_it_in_either_layout_and_what_one_uses_most_stands_first(cast: Cast) -> None:
    made(cast, "Архив", ru="Доступ к архиву открыт", en="The archive is open")
    often = made(cast, "Продление доступа", ru="Продлили")
    client = as_(cast.agent)
    assert choices(client) == [("Архив", "ru"), ("Архив", "en"), ("Продление доступа", "ru")]
    note_use(**by(cast.lead), answer=often)  # others' habits count behind one's own
    assert choices(client)[0] == ("Продление доступа", "ru")
    note_use(**by(cast.agent), answer=CannedAnswer.objects.get(name="Архив"))
    assert choices(client)[0] == ("Архив", "ru")
    assert choices(client, "дост прод") == choices(client, "ghjl ljcn") == [("Продление доступа", "ru")]
    assert choices(client, "archive") == [("Архив", "ru"), ("Архив", "en")] and choices(client, "рхив") == []
    cast.anna.language = "en"
    cast.anna.save()
    assert choices(client, "архив") == [("Архив", "en"), ("Архив", "ru")]


@pytest.mark.parametrize("way", ["reply", "note"])
def test_what_is_not_filled_in_is_not_sent_unawares(cast: Cast, way: str) -> None:
    client, text = as_(cast.agent), "Здравствуйте, {person.name}! Код {answer.customfield_7}, {так} и {ticket}"
    before = Message.objects.count()
    refused = client.post(f"/browse/ACCREDO-1/{way}", composer(client, cast.ticket, text))
    page = page_of(refused)
    assert refused.status_code == 422 and "{person.name} (имя заявителя), {answer.customfield_7}." in page
    assert text in page and Message.objects.count() == before and not PendingReply.objects.exists()
    client.post(f"/browse/ACCREDO-1/{way}", composer(client, cast.ticket, text, as_is="1"))
    assert Message.objects.count() + PendingReply.objects.count() == before + 1


def test_without_scripts_a_page_offers_them_and_the_composer_gets_the_text(cast: Cast) -> None:
    client, answer = as_(cast.agent), made(cast)
    assert "/browse/ACCREDO-1/canned?write=reply" in page_of(client.get("/browse/ACCREDO-1"))
    page = page_of(client.get("/browse/ACCREDO-1/canned?write=note"))
    assert "Здравствуйте, Анна Петрова!" in page and f"/browse/ACCREDO-1/canned/{answer.pk}" in page
    assert "так не начинается" in page_of(client.get("/browse/ACCREDO-1/canned?q=zzzz"))
    for write in ("reply", "note"):
        put = client.post(f"/browse/ACCREDO-1/canned/{answer.pk}", {"language": "ru", "write": write})
        page = page_of(client.get(put.headers["Location"].partition("#")[0]))
        place = page.index("Здравствуйте, Анна Петрова!")
        assert (place > page.index('id="note_comment"')) == (write == "note")


def test_they_go_out_and_come_in_as_a_file(cast: Cast) -> None:
    lead, agent = as_(cast.lead), as_(cast.agent)
    made(cast, "Архив", ru="Открыт", en="Open")
    kept = made(cast, "Привет", ru="Здравствуйте")
    file = lead.get("/projects/ACCREDO/settings/canned/file")
    assert "attachment" in file.headers["Content-Disposition"]
    data = b"".join(file) if file.streaming else file.content  # type: ignore[attr-defined, arg-type]  # a download
    entries = json.loads(data)["canned_answers"]
    assert entries[0] == {"folder": "", "name": "Архив", "texts": {"en": "Open", "ru": "Открыт"}}
    agent.post("/canned/file", {"file": SimpleUploadedFile("a.json", data)})
    assert CannedAnswer.objects.filter(owner=cast.agent).count() == 2
    kept.texts = {"ru": {"text": "Иначе"}}
    kept.save()
    answer = lead.post(
        "/projects/ACCREDO/settings/canned/file", {"file": SimpleUploadedFile("a.json", data)}, follow=True
    )
    kept.refresh_from_db()
    assert kept.texts == {"ru": {"text": "Здравствуйте"}} and "Новый текст у 1" in page_of(answer)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'{"canned_answers": {}}',
        b'{"canned_answers": [{"name": "x", "texts": {"ru": "\xd0\xb0"}}, 7]}',
        b'{"canned_answers": [{"name": "x", "texts": {"ru": ["a"]}}]}',
        b'{"canned_answers": [{"name": "x", "texts": {"ru": "{no.such}"}}]}',
        b'{"canned_answers": [{"name": "' + b"x" * 101 + b'", "texts": {"ru": "a"}}]}',
        b"[" * 100_000,
    ],
)
def test_a_file_with_a_mistake_changes_nothing(cast: Cast, data: bytes) -> None:
    answer = as_(cast.agent).post("/canned/file", {"file": SimpleUploadedFile("a.json", data)}, follow=True)
    page = page_of(answer)
    assert not CannedAnswer.objects.exists() and ("Ответ №" in page or "не файл готовых" in page or "пуст" in page)


def test_without_a_file_it_says_so(cast: Cast) -> None:
    assert "Сначала выберите файл" in page_of(as_(cast.agent).post("/canned/file", {}, follow=True))


def test_its_files_are_kept_with_it_and_attached_where_it_is_inserted(cast: Cast, home: Path) -> None:
    lead, agent = as_(cast.lead), as_(cast.agent)
    upload = SimpleUploadedFile("Бланк.txt", b"to fill in", "text/plain")
    lead.post("/canned/add", {**sent("С бланком", whose="ACCREDO"), "attachments": upload})
    answer = CannedAnswer.objects.get()
    assert [file["name"] for file in answer.files] == ["Бланк.txt"]
    assert "Бланк.txt" in page_of(lead.get("/projects/ACCREDO/settings/canned"))
    files = insert(agent, answer)["files"]
    assert isinstance(files, list)
    posted = {**composer(agent, cast.ticket, "Вот бланк"), "attachments.kept": files[0]["ticket"]}
    agent.post("/browse/ACCREDO-1/note", posted)
    assert Attachment.objects.get(message__text="Вот бланк").digest == answer.files[0]["digest"]
    posted = {**composer(lead, cast.ticket, "Чужая ссылка"), "attachments.kept": files[0]["ticket"]}
    lead.post("/browse/ACCREDO-1/note", posted)  # the reference was the agent's
    assert not Attachment.objects.filter(message__text="Чужая ссылка").exists()


def test_a_file_is_left_out_by_its_tick_and_brought_back_by_the_history(cast: Cast, home: Path) -> None:
    lead, answer = as_(cast.lead), with_file(cast)
    address = f"/canned/{answer.pk}/edit"
    tick = hidden(page_of(lead.get(address)), "attachments.kept")
    lead.post(address, {**sent("Иначе"), "attachments.kept": tick})
    answer.refresh_from_db()
    assert (answer.name, len(answer.files)) == ("Иначе", 1)
    lead.post(address, sent("Иначе"))
    answer.refresh_from_db()
    assert answer.files == []
    change = changes_of(cast.desk).order_by("-id")[0]
    assert "Бланк.txt" in page_of(lead.get("/projects/ACCREDO/settings/history"))
    undo(**by(cast.lead), desk=cast.desk, event_id=change.pk)
    answer.refresh_from_db()
    assert [file["name"] for file in answer.files] == ["Бланк.txt"]


def test_without_scripts_its_files_are_attached_as_well(cast: Cast, home: Path) -> None:
    client, answer = as_(cast.agent), with_file(cast)
    assert "Бланк.txt" in page_of(client.get("/browse/ACCREDO-1/canned?write=note"))
    put = client.post(f"/browse/ACCREDO-1/canned/{answer.pk}", {"language": "ru", "write": "note"})
    page = page_of(client.get(put.headers["Location"].partition("#")[0]))
    assert page.count("attachments.kept") == 1 and page.index("attachments.kept") > page.index('id="note_comment"')


def test_texts_from_a_file_leave_the_attachments_of_an_answer(cast: Cast, home: Path) -> None:
    answer = with_file(cast)
    data = json.dumps({"canned_answers": [{"name": answer.name, "texts": {"ru": "Новый текст"}}]}).encode()
    as_(cast.lead).post("/projects/ACCREDO/settings/canned/file", {"file": SimpleUploadedFile("a.json", data)})
    answer.refresh_from_db()
    assert answer.texts["ru"]["text"] == "Новый текст" and len(answer.files) == 1
