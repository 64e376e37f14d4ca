"""«Запросы»: unread and waiting tickets, columns, saved filters, exports."""

import csv
import io
import re
import zipfile
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.http import HttpResponse

from otklik.desks.commands.create import add_desk
from otklik.desks.models import Desk, Field, Status, Transition
from otklik.people.actor import Actor, system
from otklik.people.models import Person
from otklik.portal import exports
from otklik.portal.models import ListLook, SavedView
from otklik.tickets.commands.approve import answer_approval, ask_approval
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.edit_message import withdraw_message
from otklik.tickets.commands.fields import assign
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.commands.status import change_status
from otklik.tickets.content import Words
from otklik.tickets.models import Message, Participant, Seen, Ticket
from tests.cast import START, Cast
from tests.portal.helpers import as_

LIST = "/servicedesk/customer/user/requests"


def page_of(person: Person, query: str = "") -> str:
    return as_(person).get(LIST + query).content.decode()


def card_of(ticket: Ticket) -> str:
    return f"/servicedesk/customer/portal/{ticket.desk_id}/{ticket.key}"


def opened(cast: Cast, subject: str, text: str = "текст", desk: Desk | None = None) -> Ticket:
    return open_ticket(
        actor=Actor(cast.anna, "portal"),
        at=START + timedelta(minutes=5),
        desk=desk or cast.desk,
        channel="portal",
        subject=subject,
        words=Words(text),
        requester=cast.anna,
    )


def said(cast: Cast, text: str, kind: str = "public", by: str = "agent") -> None:
    who = getattr(cast, by)
    at = Seen.objects.order_by("-at").values_list("at", flat=True).first() or START
    actor = Actor(who, "agent" if by == "agent" else "portal")
    comment(actor=actor, at=at + timedelta(hours=1), ticket=cast.ticket, words=Words(text), kind=kind)


def test_an_answer_is_new_until_the_card_was_opened(cast: Cast) -> None:
    before = page_of(cast.anna)
    assert "row-new" in before and "новый ответ" in before and "data-new-requests" in before
    as_(cast.anna).get(card_of(cast.ticket))
    after = page_of(cast.anna)
    assert "row-new" not in after and "data-new-requests" not in after
    assert "row-new" in page_of(cast.boris, "?reporter=all")  # Boris has not looked
    said(cast, "Готово.")
    assert "row-new" in page_of(cast.anna)
    assert "ACCREDO-1" in page_of(cast.anna, "?show=new") and "ACCREDO-1" not in page_of(cast.stranger, "?show=new")


def test_the_number_of_new_answers_leads_to_just_these_requests(cast: Cast) -> None:
    address = re.search(r'<a class="count-link" href="([^"]+)"', page_of(cast.boris))
    assert address is not None, "Boris, a participant, has a new answer"
    shown = as_(cast.boris).get(unescape(address[1])).content.decode()
    assert shown.count("data-row-link") == 1 and "ACCREDO-1" in shown


def test_who_has_no_own_requests_is_told_of_those_of_others(cast: Cast) -> None:
    page = page_of(cast.boris)
    assert (
        "Есть 1 открытый запрос, где вы участник." in page
        and 'href="/servicedesk/customer/user/requests?reporter=participant"' in page
    )
    assert "где вы участник." not in page_of(cast.stranger) and "где вы участник." not in page_of(cast.anna)


def test_ab_48_notes_held_mail_and_ones_own_words_are_nothing_new(cast: Cast) -> None:
    as_(cast.anna).get(card_of(cast.ticket))
    said(cast, "внутри", kind="internal")
    said(cast, "моё собственное", by="anna")
    Message.objects.create(
        ticket=cast.ticket, kind="public", held=True, text="x", created_at=START + timedelta(days=99)
    )
    page = page_of(cast.anna)
    assert "row-new" not in page and "data-new-requests" not in page
    assert as_(cast.anna).get(f"{LIST}/news", {"since": START.isoformat()}).content.decode().count("2 ") == 0


def test_everything_can_be_declared_seen(cast: Cast) -> None:
    as_(cast.anna).post(f"{LIST}/seen")
    assert "row-new" not in page_of(cast.anna)
    assert "row-new" in page_of(cast.boris, "?reporter=all")


def test_looking_by_get_is_all_that_a_card_writes(cast: Cast) -> None:
    as_(cast.stranger).get(card_of(cast.ticket))
    assert not Seen.objects.exists()


def test_what_waits_for_me_is_marked_and_listed(cast: Cast) -> None:
    assert "Сейчас от вас ничего не ждут" in page_of(cast.anna, "?show=waiting")
    row = Transition.objects.get(desk=cast.desk, name="Ждать ответа заявителя", source__name="Открытый")
    change_status(actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, transition=row)
    assert "ждёт вас" in page_of(cast.anna) and "ACCREDO-1" in page_of(cast.anna, "?show=waiting")
    assert "ждёт вас" not in page_of(cast.boris, "?reporter=all")


def test_columns_and_order_are_kept_for_the_person(cast: Cast) -> None:
    opened(cast, "Абракадабра")
    form = {
        "columns": ["created", "requester", "password"],
        "sort": "subject",
        "direction": "ASC",
        "back": "status=all",
    }
    response = as_(cast.anna).post(f"{LIST}/look", form)
    assert response.headers["Location"] == f"{LIST}?status=all"
    page = page_of(cast.anna)
    heads = page[page.index("<thead>") : page.index("</thead>")]
    assert "Заявитель" in heads and "Создан" in heads and "Служба" not in heads and "Тема" in heads
    assert page.index("Абракадабра") < page.index("Не открывается протокол")
    assert 'aria-sort="ascending"' in heads
    assert "Служба поддержки" in page_of(cast.boris, "?reporter=all")
    assert "checked" in as_(cast.anna).get(f"{LIST}/look").content.decode()


def test_ab_51_a_look_takes_known_words_only(cast: Cast) -> None:
    as_(cast.anna).post(f"{LIST}/look", {"columns": ["x"], "sort": "requester__password", "direction": "x"})
    row = ListLook.objects.get()
    assert (row.columns, row.sort, row.descending) == (["reference", "subject"], "updatedDate", True)


def test_a_filter_is_saved_renamed_and_removed(cast: Cast) -> None:
    anna = as_(cast.anna)
    anna.post(f"{LIST}/views", {"name": " Мои  закрытые ", "back": "status=closed&page=3&evil=1&filter=протокол"})
    view = SavedView.objects.get()
    assert (view.name, view.words) == ("Мои закрытые", {"status": "closed", "filter": "протокол"})
    page = anna.get(LIST, {"status": "closed", "filter": "протокол"}).content.decode()
    assert re.search(r'chip-on" href="[^"]*\?[^"]*status=closed[^"]*"[^>]*>.*Мои закрытые', page)
    assert anna.post(f"{LIST}/views", {"name": "Мои закрытые"}).status_code == 422
    assert anna.post(f"{LIST}/views", {"name": ""}).status_code == 422
    anna.post(f"{LIST}/views/{view.pk}/rename", {"name": "Архив"})
    view.refresh_from_db()
    assert view.name == "Архив"
    anna.post(f"{LIST}/views/{view.pk}/remove")
    assert not SavedView.objects.exists()


def test_thirty_filters_are_saved_and_not_one_more(cast: Cast) -> None:
    anna = as_(cast.anna)
    for number in range(1, 30):
        SavedView.objects.create(person=cast.anna, name=f"фильтр {number}", words={})
    SavedView.objects.create(person=cast.boris, name="чужой", words={})
    assert anna.post(f"{LIST}/views", {"name": "тридцатый"}).status_code == 302
    assert anna.post(f"{LIST}/views", {"name": "ещё один"}).status_code == 422
    assert SavedView.objects.filter(person=cast.anna).count() == 30
    SavedView.objects.filter(name="фильтр 1").delete()
    assert anna.post(f"{LIST}/views", {"name": "ещё один"}).status_code == 302


def test_ab_53_another_persons_filter_is_not_there(cast: Cast) -> None:
    view = SavedView.objects.create(person=cast.anna, name="мой", words={})
    assert as_(cast.boris).post(f"{LIST}/views/{view.pk}/rename", {"name": "x"}).status_code == 404
    assert as_(cast.boris).post(f"{LIST}/views/{view.pk}/remove").status_code == 404
    assert "мой" not in page_of(cast.boris).replace("моим", "")


def lines_of(response: HttpResponse) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def test_a_file_is_in_the_readers_language_and_time_though_it_is_taken_later(cast: Cast) -> None:
    Person.objects.filter(pk=cast.anna.pk).update(language="en", time_zone="Asia/Vladivostok")
    response = as_(cast.anna).get(f"{LIST}/export.csv")
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert lines[0].startswith('"Reference","Type"') and '"02.11.2026 19:00"' in lines[1]


@pytest.mark.parametrize("subject", ["=HYPERLINK(1)", "+7", "-1", "@SUM(1)", "  =1+1", "\uff1d1+1"])
def test_ab_82_no_cell_is_a_formula(cast: Cast, subject: str) -> None:
    Ticket.objects.update(subject=subject)
    lines = lines_of(as_(cast.anna).get(f"{LIST}/export.csv"))
    assert lines[1][2] == "'" + subject
    book = as_(cast.anna).get(f"{LIST}/export.xlsx")
    with zipfile.ZipFile(io.BytesIO(b"".join(book.streaming_content))) as archive:  # type: ignore[attr-defined]
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "'" + subject.strip() in sheet.replace("&#39;", "'") or "'  " + subject.strip() in sheet
    assert "<f>" not in sheet and "hyperlink" not in sheet.lower().replace("hyperlink(1)", "")


def test_a_file_holds_what_the_list_shows_on_all_pages(cast: Cast) -> None:
    for number in range(30):
        opened(cast, f"номер {number}")
    response = as_(cast.anna).get(f"{LIST}/export.csv")
    assert (
        "attachment" in response.headers["Content-Disposition"] and "utf-8''" in response.headers["Content-Disposition"]
    )
    lines = lines_of(response)
    assert lines[0][:3] == ["Ссылка", "Тип", "Тема"]
    assert len(lines) == 32
    assert lines_of(as_(cast.stranger).get(f"{LIST}/export.csv?reporter=all&status=all")) == [lines[0]]
    assert len(lines_of(as_(cast.anna).get(f"{LIST}/export.csv?filter=протокола"))) == 2


def test_moments_in_a_book_are_moments(cast: Cast) -> None:
    book = as_(cast.anna).get(f"{LIST}/export.xlsx")
    with zipfile.ZipFile(io.BytesIO(b"".join(book.streaming_content))) as archive:  # type: ignore[attr-defined]
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert (
        '<c r="H2" s="2"><v>46328.5</v></c>' in sheet or "<v>46328.5</v>" in sheet
    )  # 2 November 2026, 12:00 in Moscow


def test_found_words_are_marked_and_harmless(cast: Cast) -> None:
    opened(
        cast,
        "<script>x</script> пробы",
        "Длинное начало. " * 30 + "тут <img src=x onerror=pwn(1)> пробами " + "конец " * 90,
    )
    page = page_of(cast.anna, "?filter=проба")
    assert "<script>x" not in page and "<img src=x" not in page
    assert "&lt;img src=x onerror=pwn(1)&gt; <mark>пробами</mark>" in page
    assert "<mark>пробы</mark>" in page


def test_a_number_finds_its_request_whatever_the_filter_says(cast: Cast) -> None:
    row = Transition.objects.get(desk=cast.desk, name="Закрыть")
    change_status(actor=Actor(cast.anna, "portal"), at=START, ticket=cast.ticket, transition=row)
    assert "ACCREDO-1<" in page_of(cast.anna, "?filter=ACCREDO-1") and "ACCREDO-1<" in page_of(cast.anna, "?filter=1")
    assert "ACCREDO-1<" not in page_of(cast.stranger, "?filter=ACCREDO-1")


def test_words_that_stand_elsewhere_are_offered(cast: Cast) -> None:
    row = Transition.objects.get(desk=cast.desk, name="Закрыть")
    change_status(actor=Actor(cast.anna, "portal"), at=START, ticket=cast.ticket, transition=row)
    page = page_of(cast.anna, "?filter=протокол")
    assert "В этом фильтре не найдено" in page and "status=all&amp;reporter=all&amp;filter=" in page
    assert "Ничего не найдено" in page_of(cast.anna, "?filter=экскаватор")
    assert "Ничего нового" in page_of(cast.stranger, "?show=new")
    assert "Таких запросов нет" in page_of(cast.stranger, "?status=closed")


def test_counting_stops_somewhere(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("otklik.portal.pages.requests.COUNTED", 10)
    for number in range(110):
        opened(cast, f"номер {number}")
    assert "1-25 из 75+" in page_of(cast.anna)
    assert "101-111 из 111" in page_of(cast.anna, "?page=5")


def field_of(cast: Cast, number: int, label: str, kind: str = Field.Kind.TEXT, **more: Any) -> Field:
    row = cast.desk.request_types.order_by("position")[0]
    key = f"customfield_{8000000 + number}"
    return Field.objects.create(request_type=row, key=key, kind=kind, label=label, position=70 + number, **more)


def test_answers_have_columns_of_their_own_and_are_no_formulas(cast: Cast) -> None:
    room, floor = field_of(cast, 1, "Кабинет"), field_of(cast, 2, "=Этаж()", Field.Kind.NUMBER)
    kind = field_of(cast, 3, "Вид", Field.Kind.CHOICE, options=[{"id": "2", "label": "Сканер"}])
    preset, unasked = field_of(cast, 4, "Тайный пресет", hidden=True), field_of(cast, 5, "Никто не ответил")
    answers = {room.key: "=1+1", floor.key: -2.5, kind.key: "2", preset.key: "не для заявителя"}
    Ticket.objects.filter(pk=cast.ticket.pk).update(answers=answers)
    opened(cast, "без ответов")
    lines = lines_of(as_(cast.anna).get(f"{LIST}/export.csv?sortBy=reference&sortOrder=ASC"))
    assert lines[0][11:] == ["Кабинет", "'=Этаж()", "Вид"]
    assert lines[1][11:] == ["'=1+1", "-2,5", "Сканер"] and lines[2][11:] == ["", "", ""]
    assert unasked.label not in str(lines)
    book = as_(cast.anna).get(f"{LIST}/export.xlsx")
    with zipfile.ZipFile(io.BytesIO(b"".join(book.streaming_content))) as archive:  # type: ignore[attr-defined]
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<v>-2.5</v>" in sheet and "<f>" not in sheet and "не для заявителя" not in sheet


def test_a_file_ends_after_so_many_rows_as_the_page_says(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        opened(cast, f"номер {number}")
    monkeypatch.setattr(exports, "MOST_ROWS", 2)
    assert len(lines_of(as_(cast.anna).get(f"{LIST}/export.csv"))) == 3
    book = as_(cast.anna).get(f"{LIST}/export.xlsx")
    with zipfile.ZipFile(io.BytesIO(b"".join(book.streaming_content))) as archive:  # type: ignore[attr-defined]
        assert archive.read("xl/worksheets/sheet1.xml").count(b"<row ") == 3


def test_ab_01_who_joined_late_exports_no_answers(cast: Cast) -> None:
    room = field_of(cast, 1, "Кабинет")
    Ticket.objects.filter(pk=cast.ticket.pk).update(answers={room.key: "412"})
    late = {"ticket": cast.ticket, "person": cast.stranger, "added_at": START, "sees_from": START + timedelta(days=1)}
    Participant.objects.create(**late)
    everything = f"{LIST}/export.csv?reporter=all&status=all"
    assert lines_of(as_(cast.boris).get(everything))[1][11:] == ["412"]
    lines = lines_of(as_(cast.stranger).get(everything))
    assert len(lines) == 2 and "412" not in str(lines) and "Кабинет" not in str(lines)
    mine = opened(cast, "своё")
    Ticket.objects.filter(pk=mine.pk).update(answers={room.key: "7"}, requester=cast.stranger)
    Participant.objects.create(ticket=mine, person=cast.stranger, added_at=START)
    lines = lines_of(as_(cast.stranger).get(f"{everything}&sortBy=reference&sortOrder=ASC"))
    # The column is there now, and stays empty for the other request.
    assert [line[11:] for line in lines] == [["Кабинет"], [""], ["7"]]
    book = as_(cast.stranger).get(f"{LIST}/export.xlsx?reporter=all&status=all")
    with zipfile.ZipFile(io.BytesIO(b"".join(book.streaming_content))) as archive:  # type: ignore[attr-defined]
        assert "412" not in "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))


def test_one_status_is_a_filter_of_its_own(cast: Cast) -> None:
    row = Transition.objects.get(desk=cast.desk, name="Взять в работу")
    change_status(actor=Actor(cast.agent, "agent"), at=START, ticket=cast.ticket, transition=row)
    opened(cast, "другой")
    work, fresh = (Status.objects.get(desk=cast.desk, name=name).pk for name in ("В работе", "Открытый"))
    page = page_of(cast.anna, f"?status={work}")
    assert "ACCREDO-1<" in page and "ACCREDO-2<" not in page
    assert f'<option value="{work}" selected>В работе</option>' in page and page.count(">В работе</option>") == 1
    page = page_of(cast.anna, f"?status={fresh}&sortBy=reference")
    assert "ACCREDO-2<" in page and "ACCREDO-1<" not in page and f"status={fresh}&amp;sortBy" in page
    assert "ACCREDO-1<" not in page_of(cast.anna, "?status=99999")
    namesake = Status.objects.get(desk=cast.other_desk, name="В работе").pk
    assert "ACCREDO-1<" in page_of(cast.anna, f"?status={namesake}")
    page = page_of(cast.anna, f"?status={namesake}&portalId={cast.desk.pk}")
    assert "ACCREDO-1<" in page and re.search(r'<option value="\d+" selected>В работе</option>', page)
    assert page.count(">В работе</option>") == 1
    assert len(lines_of(as_(cast.anna).get(f"{LIST}/export.csv?status={fresh}"))) == 2


def test_the_filter_keeps_states_and_statuses_apart_and_a_status_once_in_any_language(cast: Cast) -> None:
    desk = add_desk(actor=system("cli"), at=START, key="ENG", name="E", address="eng@desk.test", language="en")
    page = page_of(cast.anna)
    assert page.index(">Открытые запросы</option>") < page.index('<optgroup label="Только со статусом">')
    assert page.index('<optgroup label="Только со статусом">') < page.index(">Открытый</option>")
    assert page.count(">Открытый</option>") == 1 and ">Open</option>" not in page
    opened(cast, "английский", desk=desk)
    status = Status.objects.get(desk=cast.desk, name="Открытый").pk
    page = page_of(cast.anna, f"?status={status}")
    assert "ENG-1<" in page and "ACCREDO-1<" in page


def test_an_approval_that_waits_for_me_waits_for_me(cast: Cast) -> None:
    actor = Actor(cast.agent, "agent")
    asked = ask_approval(actor=actor, at=START, ticket=cast.ticket, people=[cast.stranger], rule="one")
    page = page_of(cast.stranger, "?reporter=all&show=waiting")
    assert "ACCREDO-1<" in page and "нужно ваше согласование" in page
    assert '<span class="chip-count">1</span>' in page
    mine = page_of(cast.anna)
    assert "ждёт согласования" in mine and "нужно ваше согласование" not in mine
    answer_approval(actor=Actor(cast.stranger, "portal"), at=START, approval=asked, approved=True)
    page = page_of(cast.stranger, "?reporter=all&show=waiting")
    assert "ACCREDO-1<" not in page and "chip-count" not in page
    assert "ждёт согласования" not in page_of(cast.anna)


def test_ab_48_what_happens_inside_the_desk_moves_no_time_that_customers_see(cast: Cast) -> None:
    opened(cast, "позже")
    newer = [line[0] for line in lines_of(as_(cast.anna).get(f"{LIST}/export.csv"))[1:]]
    before = Ticket.objects.get(pk=cast.ticket.pk)
    at = START + timedelta(days=3)
    actor = Actor(cast.agent, "agent")
    assign(actor=actor, at=at, ticket=cast.ticket, assignee=cast.agent)
    note = comment(actor=actor, at=at, ticket=cast.ticket, words=Words("внутри"), kind="internal")
    withdraw_message(actor=actor, at=at, message=note)
    after = Ticket.objects.get(pk=cast.ticket.pk)
    assert after.updated_at == at and after.shown_at == before.shown_at
    assert [line[0] for line in lines_of(as_(cast.anna).get(f"{LIST}/export.csv"))[1:]] == newer
    assert "5 ноября" not in page_of(cast.anna)
    said(cast, "снаружи")
    assert Ticket.objects.get(pk=cast.ticket.pk).shown_at > before.shown_at


def test_ab_29_no_cell_holds_a_personal_link(cast: Cast) -> None:
    """Exports are not filtered when downloaded, so links must not be written into them.

    Names and old rows contain values that were never cleaned.
    """
    secret = "8k-QgH6rb_mAMdE38z_u0txYiIHNRwKNiM5JbshQStI"
    Ticket.objects.update(subject=f"см. https://desk.example/secure/ActivateAccount/{secret}")
    Person.objects.filter(pk=cast.anna.pk).update(name=f"https://desk.example/servicedesk/customer/rating/9.1:{secret}")
    client = as_(cast.anna)
    book = client.get(f"{LIST}/export.xlsx")
    with zipfile.ZipFile(io.BytesIO(b"".join(book.streaming_content))) as archive:  # type: ignore[attr-defined]
        written = "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))
    assert "личная ссылка" in written and secret not in written
    assert secret not in str(lines_of(client.get(f"{LIST}/export.csv")))
