"""Search in number, subject, text and messages."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection

from otklik.desks.access import worked_desks
from otklik.desks.commands.forms import change_field
from otklik.desks.models import Field
from otklik.mail.models import InboundMail
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.tickets import access
from otklik.tickets.access import customer_messages, involved_tickets, readable_messages, worked_tickets
from otklik.tickets.commands.answers import change_answers
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.edit_message import withdraw_message
from otklik.tickets.commands.fields import add_participant
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.content import NewFile, Words
from otklik.tickets.models import Message, Ticket
from otklik.tickets.search import frequency, reindex_answers
from otklik.tickets.search.lookup import in_state, with_words
from otklik.tickets.search.query import ParsedSearch, matching, numbered, parse_search
from otklik.tickets.search.ranking import Asked, ranked
from otklik.tickets.search.reindex_answers import reword
from otklik.tickets.search.snippets import Segment, highlight
from tests.cast import NOTE_CANARY, START, Cast
from tests.ui.test_typed import LITERAL


def keys(person: Person, typed: str) -> list[str]:
    """Return what a customer finds, oldest first; the fast search must find the same."""
    wanted = parse_search(typed)
    if wanted is None:
        return []
    tickets = matching(involved_tickets(person), customer_messages(person), wanted)
    shown = list(involved_tickets(person).values_list("pk", flat=True))
    assert with_words(shown, person, wanted) == set(tickets.values_list("pk", flat=True)), typed
    return list(tickets.order_by("id").values_list("key", flat=True))


def agents_keys(person: Person, typed: str) -> list[str]:
    wanted = parse_search(typed, with_signs=True)
    assert wanted is not None
    tickets = matching(worked_tickets(person), Message.objects.all(), wanted).order_by("id")
    desks = list(worked_desks(person).values_list("pk", flat=True))
    for state in ("open", "closed", ""):
        quick = ranked(Asked(desks, wanted, state=state), after=None, most=1000)
        assert {place.pk for place in quick} == set(in_state(tickets, state).values_list("pk", flat=True)), (
            typed,
            state,
        )
    return list(tickets.values_list("key", flat=True))


def excerpts(tickets: list[int], wanted: ParsedSearch, reader: Person | None) -> dict[int, list[Segment]]:
    marked = highlight(dict.fromkeys(tickets, ""), wanted, reader)
    return {ticket: hit.excerpt for ticket, hit in marked.items() if hit.excerpt}


def opened(cast: Cast, subject: str, text: str = "текст", person: Person | None = None) -> Ticket:
    return open_ticket(
        actor=Actor(person or cast.anna, "portal"),
        at=START + timedelta(hours=1),
        desk=cast.desk,
        channel="portal",
        subject=subject,
        words=Words(text),
        requester=person or cast.anna,
    )


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "протокол",
            "ПРОТОКОЛЫ",
            "протоколом комиссий",
            "прото",
            "открывается комиссия",
            "ответим сегодня",
            "не открываются",
        ),
        *("ghjnjrjk", "rjvbccbz", "Ghjnjrjk jndtnbv", "протокол ответим", "«протокол», комисс…"),
    ],
)
def test_forms_beginnings_and_the_other_layout_are_found(cast: Cast, typed: str) -> None:
    assert keys(cast.anna, typed) == ["ACCREDO-1"]
    assert keys(cast.stranger, typed) == []


@pytest.mark.parametrize(
    "typed", ["протокол принтер", "окол", "zzz", "", "-?!", "прот & !x | (", "'", "\\", ":*", "\0"]
)
def test_what_is_not_there_is_not_found(cast: Cast, typed: str) -> None:
    assert keys(cast.anna, typed) == []


def test_yo_english_addresses_and_file_names_are_found(cast: Cast) -> None:
    opened(cast, "Учётные записи", "Printers are failing: anna@clinic.example, отчёт_2026.docx, +7 (495) 123-45-67")
    for typed in (
        "учетная",
        "УЧЁТНОЙ",
        "printer",
        "зкштеук",
        "clinic",
        "anna@clinic",
        "отчет",
        "docx",
        "2026",
        "123-45",
    ):
        assert keys(cast.anna, typed) == ["ACCREDO-2"], typed


def test_ab_48_what_is_inside_the_desk_never_influences_what_a_customer_finds(cast: Cast) -> None:
    held = Message.objects.create(ticket=cast.ticket, kind="public", held=True, text="КАНАРЕЙКА", created_at=START)
    assert keys(cast.anna, NOTE_CANARY) == keys(cast.anna, "канарейка") == []
    assert keys(cast.anna, "протокол канарейка") == []
    assert agents_keys(cast.agent, NOTE_CANARY) == agents_keys(cast.agent, "протокол канарейка") == ["ACCREDO-1"]
    wanted = parse_search("канарейка сервера комиссии")
    assert wanted is not None
    shown = excerpts([cast.ticket.pk], wanted, cast.anna)
    assert "комиссии" in str(shown)
    assert not any(word in str(shown) for word in ("КАНАРЕЙКА", "сервера"))
    held.held = False
    held.save()
    assert keys(cast.anna, "канарейка") == ["ACCREDO-1"]


def test_ab_44_who_joined_late_finds_nothing_older(cast: Cast) -> None:
    joined = START + timedelta(days=1)
    add_participant(actor=Actor(cast.agent, "agent"), at=joined, ticket=cast.ticket, person=cast.stranger)
    assert keys(cast.stranger, "ответим") == keys(cast.stranger, "комиссии") == []
    assert keys(cast.stranger, "протокол") == ["ACCREDO-1"]  # the subject is shown to everybody on the request
    actor = Actor(cast.agent, "agent")
    comment(actor=actor, at=joined + timedelta(hours=1), ticket=cast.ticket, words=Words("Сервер починили."))
    assert keys(cast.stranger, "починить") == ["ACCREDO-1"]


@pytest.mark.parametrize("most", [0, 50])
def test_many_tickets_are_read_like_one(cast: Cast, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """customer_messages and readable_messages are one policy in three forms."""
    monkeypatch.setattr(access, "LATE_AT_MOST", most)
    joined = START + timedelta(days=1)
    add_participant(actor=Actor(cast.agent, "agent"), at=joined, ticket=cast.ticket, person=cast.stranger)
    comment(actor=Actor(cast.agent, "agent"), at=joined, ticket=cast.ticket, words=Words("Новое."))
    for person in (cast.anna, cast.boris, cast.stranger):
        one = readable_messages(person, cast.ticket, as_agent=False)
        many = customer_messages(person).filter(ticket=cast.ticket)
        assert set(one.values_list("pk", flat=True)) == set(many.values_list("pk", flat=True))


def test_agents_of_another_desk_find_nothing(cast: Cast) -> None:
    assert agents_keys(cast.agent_elsewhere, "протокол") == []
    assert agents_keys(cast.admin, "протокол") == ["ACCREDO-1"]


@pytest.mark.parametrize("most", [-1, 0, 1, 10**6])
def test_rare_and_common_words_give_the_same(cast: Cast, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether tickets are scanned, read from the index, or scanned because the index has too many matches."""
    opened(cast, "Протокол и принтер", "Сломался принтер")
    monkeypatch.setattr(frequency, "_worth_it", lambda _texts, _tickets: most)
    assert keys(cast.anna, "протокол") == ["ACCREDO-1", "ACCREDO-2"]
    assert keys(cast.anna, "принтер протокол") == ["ACCREDO-2"]
    assert agents_keys(cast.agent, "протокол сервера") == ["ACCREDO-1"]


@pytest.mark.parametrize("typed", ["ACCREDO-1", "accredo 1", "1", "№ 1", "#1", "фсскувщ-1", " ACCREDO1 "])
def test_a_number_names_its_ticket(cast: Cast, typed: str) -> None:
    assert [ticket.key for ticket in numbered(involved_tickets(cast.anna), typed)] == ["ACCREDO-1"]
    assert not numbered(involved_tickets(cast.stranger), typed).exists()


def test_only_the_tickets_of_the_page_are_read_for_excerpts(cast: Cast) -> None:
    here, other = opened(cast, "Первый", "сломан принтер"), opened(cast, "Второй", "сломан принтер")
    wanted = parse_search("принтер")
    assert wanted is not None
    for reader in (cast.anna, None):
        assert set(excerpts([here.pk], wanted, reader)) == {here.pk}
        assert set(excerpts([here.pk, other.pk], wanted, reader)) == {here.pk, other.pk}


def test_excerpts_show_the_words_as_they_were_written(cast: Cast) -> None:
    text = "Слово. " * 60 + 'Наша учётная запись <b onclick="x">заблокирована</b>: anna@clinic.test.\n' + "Ещё. " * 60
    ticket = opened(cast, "Учётные записи", text)
    wanted = parse_search("учетную clinic")
    assert wanted is not None
    pieces = excerpts([ticket.pk, cast.ticket.pk], wanted, cast.anna)[ticket.pk]
    shown = "".join(piece.text for piece in pieces)
    assert 'учётная запись <b onclick="x">заблокирована</b>: anna@clinic.test.' in shown
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert [piece.text for piece in pieces if piece.marked] == ["учётная", "clinic"]
    marked = highlight({ticket.pk: ticket.subject}, wanted, None)[ticket.pk].subject
    assert [(piece.text, piece.marked) for piece in marked] == [("Учётные", True), (" записи", False)]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Это **очень важно**, и 5*3*2", "Это очень важно, и 5*3*2"),
        ("``важно`` и _*это*_", "важно и это"),
        ("**важно _*и это*_**\n```\n**важно**\n```", "важно и это ``` **важно** ```"),
        ("*важно* __init__ **/x/**", "*важно* __init__ **/x/**"),
    ],
)
def test_a_piece_of_what_was_typed_is_shown_without_the_signs_of_marks(cast: Cast, text: str, shown: str) -> None:
    ticket, wanted = opened(cast, "Тема", text), parse_search("важно")
    assert wanted is not None
    Message.objects.filter(ticket=ticket).update(markup=Message.Markup.TYPED)
    pieces = excerpts([ticket.pk], wanted, cast.anna)[ticket.pk]
    assert "".join(piece.text for piece in pieces) == shown
    assert {piece.text for piece in pieces if piece.marked} == {"важно"}


def test_what_was_typed_is_found_by_the_same_signs(cast: Cast) -> None:
    """Pasted into the search unchanged, each line finds its ticket: codes, paths, masks, short final words."""
    telling = re.compile(r"[^\W_]+")
    lines = [*LITERAL, "папка на", "протокол нет", "отчёт за"]
    lines = [line for line in lines if set(telling.findall(line)) - {"нет"}]
    places = {line: opened(cast, f"Случай {at}", f"Вот:\n{line}\nвсё").key for at, line in enumerate(lines)}
    lost = [line for line, key in places.items() if key not in keys(cast.anna, line)]
    assert not lost, "\n".join(lost)
    lost = [line for line, key in places.items() if key not in agents_keys(cast.agent, line)]
    assert not lost, "\n".join(lost)


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("принтеры", "'принтер':*"),  # whatever begins with «принтеры» begins with «принтер»
        ("запись", "'зап' | 'запис' | 'запись':*"),  # «зап» is no beginning
        ("экскаватор", "'экскаватор':*"),
        ("нет", "'нет':*"),
    ],
)
def test_a_word_is_looked_for_once(db: None, typed: str, word: str) -> None:
    wanted = parse_search(typed)
    assert wanted is not None and wanted.readings[0] == (word,)


def test_long_texts_and_long_words_can_be_stored(cast: Cast) -> None:
    words = " ".join(f"слово{number}" for number in range(150_000))
    ticket = opened(cast, "Длинный", words + " " + "я" * 5000)
    assert ticket.key in keys(cast.anna, "слово77")


def test_a_mails_message_is_found_as_soon_as_it_is_there(cast: Cast) -> None:
    assert InboundMail.objects.count() == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tickets_message SET text = 'Пожарный гидрант' WHERE opening")
    assert keys(cast.anna, "гидранты") == ["ACCREDO-1"]
    assert keys(cast.anna, "комиссии") == []


def test_forms_that_stemming_takes_for_another_word_are_found(cast: Cast) -> None:
    opened(cast, "Журнал", "Нет ошибок на портале")
    for typed in ("журналы", "журналов", "ошибка", "ошибкой", "портал", "порталы", "порталами сломан ошибка"):
        assert ("ACCREDO-2" in keys(cast.anna, typed)) is ("сломан" not in typed), typed


def test_a_noun_that_stemming_takes_for_a_verb_is_found_and_finds_no_more(cast: Cast) -> None:
    opened(cast, "Запись на приём", "Нет электронной подписи")
    opened(cast, "Запрос", "Не запустилась программа")
    for typed in ("запись", "записи", "записью", "подпись", "подписями", "запис"):
        assert keys(cast.anna, typed) == ["ACCREDO-2"], typed


def asked(cast: Cast, **more: Any) -> Field:
    """Add a field to the first type's form."""
    kind = cast.desk.request_types.order_by("position")[0]
    return Field.objects.create(request_type=kind, position=60, **{"label": "Поле", "kind": Field.Kind.TEXT, **more})


def with_answers(cast: Cast, answers: dict[str, Any], *files: NewFile) -> Ticket:
    kind = cast.desk.request_types.order_by("position")[0]
    return open_ticket(
        actor=Actor(cast.anna, "portal"), at=START, desk=cast.desk, channel="portal", subject="Тема",
        words=Words("текст"), requester=cast.anna, request_type=kind, answers=answers, files=files,
    )  # fmt: skip


def test_answers_to_the_form_are_found_by_their_words(cast: Cast) -> None:
    options = [{"id": "2", "label": "Сканер", "labels": {"en": "Scanner"}}]
    choice = asked(cast, key="customfield_77", kind=Field.Kind.CHOICE, options=options)
    text = asked(cast, key="customfield_78")
    hidden = asked(cast, key="customfield_79", hidden=True)
    ticket = with_answers(cast, {choice.key: "2", text.key: "Кабинеты 412", hidden.key: "каналпресет"})
    for typed in ("сканеры", "scanners", "кабинет", "412", "crfyth"):
        assert keys(cast.anna, typed) == [ticket.key], typed
    assert keys(cast.anna, "каналпресет") == keys(cast.stranger, "сканер") == []
    wanted = parse_search("кабинет")
    assert wanted is not None
    pieces = excerpts([ticket.pk], wanted, cast.anna)[ticket.pk]
    assert "Кабинеты 412" in "".join(piece.text for piece in pieces)
    actor = Actor(cast.agent, "agent")
    change_answers(actor=actor, at=START, ticket=ticket, answers={choice.key: None, text.key: "подвал"})
    assert keys(cast.anna, "подвалы") == [ticket.key]
    assert keys(cast.anna, "сканер") == keys(cast.anna, "кабинет") == []


def test_ab_44_who_joined_late_finds_no_answers_and_no_older_files(cast: Cast) -> None:
    row = asked(cast, key="customfield_78")
    file = NewFile("тайный-приказ.pdf", "application/pdf", 3, "0" * 64)
    ticket = with_answers(cast, {row.key: "секретный кабинет"}, file)
    joined = START + timedelta(days=1)
    add_participant(actor=Actor(cast.agent, "agent"), at=joined, ticket=ticket, person=cast.stranger)
    for typed in ("секретный", "приказ", "pdf"):
        assert keys(cast.stranger, typed) == [], typed
        assert keys(cast.anna, typed) == [ticket.key], typed


def test_names_of_files_are_found_until_they_are_taken_back(cast: Cast) -> None:
    file = NewFile("Протокол_осмотра.docx", "application/msword", 3, "0" * 64)
    actor = Actor(cast.agent, "agent")
    note = comment(actor=actor, at=START, ticket=cast.ticket, words=Words("см."), kind="internal", files=[file])
    assert keys(cast.anna, "осмотр") == [] and agents_keys(cast.agent, "осмотры") == [cast.ticket.key]
    shown = comment(actor=actor, at=START, ticket=cast.ticket, words=Words("см."), files=[file])
    assert keys(cast.anna, "осмотр docx") == [cast.ticket.key]
    withdraw_message(actor=actor, at=START, message=shown)
    withdraw_message(actor=actor, at=START, message=note)
    assert keys(cast.anna, "осмотр") == agents_keys(cast.agent, "осмотр") == []


def test_a_renamed_option_and_a_hidden_question_are_searched_as_they_read_now(cast: Cast) -> None:
    row = asked(cast, key="customfield_77", kind=Field.Kind.CHOICE, options=[{"id": "2", "label": "Сканер"}])
    ticket = with_answers(cast, {row.key: "2"})
    lead = Actor(cast.lead, "agent")
    renamed = [{"id": "2", "label": "Плоттер"}]
    change_field(actor=lead, at=START, field=row, values={"options": renamed})
    assert reword(START) == 1 and reword(START) == 0 and reword(START + timedelta(days=1)) == 0
    assert keys(cast.anna, "плоттеры") == [ticket.key] and keys(cast.anna, "сканер") == []
    row.refresh_from_db()
    change_field(actor=lead, at=START + timedelta(hours=1), field=row, values={"hidden": True})
    assert reword(START + timedelta(minutes=30)) == 1 and keys(cast.anna, "плоттер") == []


def test_while_the_database_is_away_no_request_is_passed_over(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be found by its old words for ever, as nobody looks a second time."""
    row = asked(cast, key="customfield_77", kind=Field.Kind.CHOICE, options=[{"id": "2", "label": "Сканер"}])
    with_answers(cast, {row.key: "2"})
    renamed = {"options": [{"id": "2", "label": "Плоттер"}]}
    change_field(actor=Actor(cast.lead, "agent"), at=START, field=row, values=renamed)

    def away(_ticket: Ticket) -> bool:
        raise OperationalError("the connection is closed")

    with monkeypatch.context() as broken:
        broken.setattr(reindex_answers, "search_by", away)
        with pytest.raises(OperationalError):
            reword(START)
    assert reword(START) == 1


PHONES = ["+7 (912) 345-67-89", "89123456789", "8 912 345 67 89", "+79123456789", "8-912-345-6789", "912.345.67.89"]


@pytest.mark.parametrize("typed", PHONES)
def test_a_phone_number_in_a_text_is_found_however_it_is_written(cast: Cast, typed: str) -> None:
    for place, written in enumerate(PHONES):
        text = Words(f"Перезвоните: {written}, доб. 12")
        comment(actor=Actor(cast.anna, "portal"), at=START, ticket=cast.ticket, words=text)
        assert keys(cast.anna, typed) == ["ACCREDO-1"], (typed, written)
        withdrawn = cast.ticket.messages.latest("id")
        withdrawn.text = f"нет {place}"
        withdrawn.save()
    for other in ("+7 (912) 345-67-88", "89123456788", "9123456"):
        assert keys(cast.anna, other) == []
