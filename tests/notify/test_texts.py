"""Mail texts: placeholder syntax, escaping of values, a desk's own texts."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import override

from otklik.desks.models import Field, MailText
from otklik.notify.texts.answer_placeholders import field_places
from otklik.notify.texts.grammar import parse
from otklik.notify.texts.mail_kinds import BY_NAME as KIND
from otklik.notify.texts.mail_kinds import KINDS, LANGUAGES, default_text
from otklik.notify.texts.placeholders import BY_NAME
from otklik.notify.texts.render import Value, bodies_of, mistakes_in, subject_of, text_value
from otklik.people.actor import Actor
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.status import allowed_transitions, change_status
from otklik.tickets.content import Words
from otklik.tickets.models import Participant, Ticket
from tests.cast import START, Cast
from tests.intake.test_decisions import inject
from tests.postoffice import Sink, letter, run_all

SAID = "<b>412</b> {ticket.key}"
KNOWN = ("ticket.key", "ticket.subject", "person.name", "button.open", "comment.text")
VALUES = {
    "ticket.key": text_value("ACCREDO-4"),
    "ticket.subject": text_value("Не <b>открывается</b> {person.name} *жирно*"),
    "person.name": text_value("Анна"),
    "button.open": Value("Открыть:\nhttps://desk.test/1", "<p><a href='x'>Открыть</a></p>"),
    "comment.text": Value("строка\n\nдругая", "<div>строка</div>"),
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_sound_words_in_every_language(kind: object, language: str) -> None:
    name, places, needs = kind.name, kind.places, kind.needs  # type: ignore[attr-defined]
    text = default_text(name, language)
    assert text.subject
    assert mistakes_in(text.subject, places, subject=True) == []
    assert mistakes_in(text.body, places, needs) == []
    assert set(places) <= set(BY_NAME)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("Здравствуйте!\n{ticket.kee}", 2, "Может быть, {ticket.key}?"),
        ("{settings.SECRET_KEY}", 1, "нет подстановки {settings.SECRET_KEY}"),
        ("{0.__class__}", 1, "нет подстановки"),
        ("\n\n{% load x %}", 3, "не подстановка"),
        ("${}", 1, "фигурная скобка"),
        ("a } b", 1, "фигурная скобка"),
        ("a { b", 1, "фигурная скобка"),
        ("{if ticket.key}", 1, "нет закрывающего {end}"),
        ("{end}", 1, "без {if …}"),
        ("{else}", 1, "стоит не между"),
        ("{if ticket.key}{else}{else}{end}", 1, "стоит не между"),
        ("[сюда](https://x.test/{ticket.key})", 1, "внутри адреса ссылки"),
        ("текст\n\n[сюда](ftp://x.test)", 3, "не полный адрес"),
        ("[сюда](/browse/1)", 1, "не полный адрес"),
    ],
)
def test_ab_84_a_mistake_is_said_with_its_line(text: str, line: int, said: str) -> None:
    with override("ru"):
        found = mistakes_in(text, KNOWN)
    assert found and found[0].line == line and said in found[0].words


@pytest.mark.parametrize(
    "text", ["{{settings.SECRET_KEY}}", "{{% load i18n %}}", "${{7*7}}", "{{0.class}}", "{{{{7*7}}}}"]
)
def test_ab_84_braces_of_other_languages_stay_words(text: str) -> None:
    assert mistakes_in(text, KNOWN) == []
    shown = text.replace("{{", "{").replace("}}", "}")
    assert bodies_of(text, KNOWN, VALUES).text == shown + "\n" and subject_of(text, KNOWN, VALUES) == shown


def test_ab_74_a_value_is_neither_html_nor_markdown_nor_a_placeholder() -> None:
    made = bodies_of("# {ticket.subject}\n\n{ticket.subject}", KNOWN, VALUES)
    assert made.html.count("&lt;b&gt;открывается&lt;/b&gt; {person.name} *жирно*") == 2
    assert "<b>" not in made.html and "<em>" not in made.html and "Анна" not in made.html
    assert made.text == "Не <b>открывается</b> {person.name} *жирно*\n\nНе <b>открывается</b> {person.name} *жирно*\n"


def test_ab_84_html_of_a_lead_is_words() -> None:
    made = bodies_of("<script>alert(1)</script> <img src=x> &amp; ![a](https://x.test/a.png)", KNOWN, VALUES)
    assert "<script" not in made.html and "<img" not in made.html


def test_ab_87_a_subject_is_one_line() -> None:
    values = {**VALUES, "ticket.subject": text_value("a\r\nBcc: z@z.z\u2028b")}
    assert subject_of("{ticket.key}\r\nX: y {ticket.subject}", KNOWN, values) == "ACCREDO-4 X: y a Bcc: z@z.z b"


def test_markdown_in_both_forms() -> None:
    made = bodies_of(
        "# Тема\n\n- раз\n- **два**\n  и ещё\n\n1. один\n2. два\n\n> цитата\n\n[сайт](https://x.test/a) и\nстрока\n\n"
        "до {button.open} после",
        KNOWN,
        VALUES,
    )
    assert made.text == (
        "Тема\n\n- раз\n- два\n  и ещё\n\n1. один\n2. два\n\n> цитата\n\nсайт (https://x.test/a) и\nстрока\n\nдо\n\n"
        "Открыть:\nhttps://desk.test/1\n\nпосле\n"
    )
    assert "<strong>два</strong>" in made.html and "<p><a href='x'>Открыть</a></p>" in made.html
    assert 'href="https://x.test/a">сайт</a> и<br />' in made.html


@pytest.mark.parametrize(
    "line",
    [
        "5*3*2 и 2**3**4",
        r"C:\_docs\*.tmp и \\server\share",
        "__init__ _temp_ *важно* `id` ~~нет~~",
        "&amp; <anna@clinic.test> <https://a.test>",
        r"\* \# пароль: Qw_3*x_y*Z\n",
        "Ответы:\n2. да\n5. нет",
        "2. да\n5. нет\n9) не знаю",
        "#14 и 8*800*100",
    ],
)
def test_what_a_lead_typed_is_what_is_read(line: str) -> None:
    made = bodies_of(line, KNOWN, VALUES)
    shown = re.sub(r"<li value=\"(\d+)\">", lambda found: f"{found[1]}. ", made.html)
    assert re.sub(r"\n\n+", "\n", made.text).strip() == line
    seen = [" ".join(one.split()) for one in unescape(re.sub(r"<[^>]*>", "", shown)).split("\n") if one.strip()]
    assert seen == [" ".join(one.replace("9)", "9.").split()) for one in line.split("\n")]


def test_marks_of_a_lead_hold_values_and_one_another() -> None:
    made = bodies_of("Статус: **{ticket.key}**, **_*оба*_** и _*[да](https://a.test)*_.", KNOWN, VALUES)
    assert "<strong>ACCREDO-4</strong>, <strong><em>оба</em></strong> и <em><a " in made.html
    assert made.text == "Статус: ACCREDO-4, оба и да (https://a.test).\n"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_no_sign_of_a_mark_is_left_in_the_words_that_come_with_the_product(kind: Any, language: str) -> None:
    text = default_text(kind.name, language)
    for value in (text_value("слово"), text_value("")):
        made = bodies_of(text.body, kind.places, dict.fromkeys(kind.places, value))
        assert "**" not in made.html + made.text and "_*" not in made.html + made.text
        assert "<strong>" in made.html or not value or "**" not in text.body


def test_conditions() -> None:
    text = "{if ticket.subject}Тема {ticket.subject}{else}Без темы{end}{if person.name}, {person.name}{end}"
    assert bodies_of(text, KNOWN, {**VALUES, "ticket.subject": text_value("x")}).text == "Тема x, Анна\n"
    empty = {**VALUES, "ticket.subject": text_value(""), "person.name": text_value(" ")}
    assert bodies_of(text, KNOWN, empty).text == "Без темы\n"
    assert parse(text, KNOWN).names() == {"ticket.subject", "person.name"}


def test_what_is_needed_must_stand_outside_of_conditions() -> None:
    assert mistakes_in("{comment.text}", KNOWN, ("comment.text",)) == []
    assert mistakes_in("привет", KNOWN, ("comment.text",))
    assert mistakes_in("{if person.name}{comment.text}{end}", KNOWN, ("comment.text",))
    assert mistakes_in("{comment.text}", KNOWN, subject=True)


def test_a_desk_s_own_words_are_sent(people: Cast, sink: Sink) -> None:
    run_all()
    sink.taken.clear()
    MailText.objects.create(
        desk=people.desk,
        kind="comment",
        language="ru",
        subject="[{ticket.key}] ответ для {person.name}",
        body="Здравствуйте, {person.name}!\n\n{comment.text}\n\nС уважением, **{actor.name}**, {desk.name}",
    )
    comment(
        actor=Actor(people.agent, "agent"),
        at=timezone.now(),
        ticket=people.ticket,
        words=Words("Готово {ticket.key} <i> **x**"),
    )
    run_all()
    mail = sink.to("anna@clinic.test")[0]
    assert mail.subject == "[ACCREDO-1] ответ для Анна Петрова"
    assert "Здравствуйте, Анна Петрова!\n\nГотово {ticket.key} <i> **x**\n\nС уважением, Глеб Орлов" in mail.text
    assert "<strong>Глеб Орлов</strong>" in mail.html and "Готово {ticket.key} &lt;i&gt; **x**" in mail.html
    assert "Ответьте на это письмо" in mail.text and "Ответ пишите выше" in mail.html


def test_ab_88_own_words_carry_nothing_of_an_unverified_sender(people: Cast, sink: Sink) -> None:
    run_all()
    sink.taken.clear()
    for kind in ("accepted", "closed", "activation"):
        body = "{if person.name}Здравствуйте, {person.name}!{end} CANARY-free {desk.name}"
        body += "\n\n{button.activate}" if kind == "activation" else " {ticket.subject} {actor.name}"
        MailText.objects.create(
            desk=people.desk, kind=kind, language="ru", subject="{desk.name}: {person.name}", body=body
        )
    inject(letter(sender="CANARY name <victim@corp.test>", subject="CANARY subject", text="CANARY body"))
    ticket = Ticket.objects.get(requester__email="victim@corp.test")
    actor = Actor(people.agent, "agent")
    close = next(row for row in allowed_transitions(actor, ticket) if row.target.is_done)
    change_status(actor=actor, at=timezone.now(), ticket=ticket, transition=close)
    run_all()
    mails = sink.to("victim@corp.test")
    assert len(mails) == 3
    for mail in mails:
        assert "CANARY-free" in mail.text
        assert all("CANARY" not in part.replace("CANARY-free", "") for part in (mail.subject, mail.text, mail.html))


def test_a_kind_can_be_switched_on_and_off(people: Cast, sink: Sink) -> None:
    people.desk.mail_switches = {"status_changed": True, "closed": False}
    people.desk.save()
    run_all()
    sink.taken.clear()
    actor, at = Actor(people.agent, "agent"), timezone.now()
    rows = allowed_transitions(actor, people.ticket)
    move = next(row for row in rows if not row.target.is_done)
    change_status(actor=actor, at=at, ticket=people.ticket, transition=move)
    run_all()
    assert f"Статус запроса ACCREDO-1: {move.target.name}" in sink.to("anna@clinic.test")[0].text
    sink.taken.clear()
    people.ticket.refresh_from_db()
    close = next(row for row in allowed_transitions(actor, people.ticket) if row.target.is_done)
    change_status(actor=actor, at=at, ticket=people.ticket, transition=close)
    run_all()
    assert sink.taken == []


def question(people: Cast, key: str, **more: Any) -> Field:
    kind = people.desk.request_types.order_by("position")[0]
    values = {"kind": Field.Kind.TEXT, "position": 60, **more}
    return Field.objects.create(request_type=kind, key=key, **values)


def test_answers_to_the_form_stand_in_mails(people: Cast, sink: Sink) -> None:
    room = question(people, "customfield_77", label="Кабинет")
    preset = question(people, "customfield_78", label="Пресет", hidden=True)
    Ticket.objects.filter(pk=people.ticket.pk).update(
        answers={room.key: "<b>412</b> {ticket.key}", preset.key: "тайна"}
    )
    run_all()
    sink.taken.clear()
    gone = "{if answer.customfield_5}, которого нет{end}"
    body = f"Кабинет {{answer.customfield_77}}{gone}.\n\n{{ticket.answers}}\n\n{{comment.text}}"
    subject = "[{ticket.key}] {answer.customfield_77}"
    MailText.objects.create(desk=people.desk, kind="comment", language="ru", subject=subject, body=body)
    late = Participant.objects.create(
        ticket=people.ticket, person=people.stranger, added_at=START, sees_from=START + timedelta(days=1)
    )
    comment(actor=Actor(people.agent, "agent"), at=timezone.now(), ticket=people.ticket, words=Words("Готово"))
    run_all()
    mail = sink.to("anna@clinic.test")[0]
    assert mail.subject == "[ACCREDO-1] <b>412</b> {ticket.key}"
    assert "Кабинет <b>412</b> {ticket.key}.\n\nКабинет: <b>412</b> {ticket.key}\n\nГотово" in mail.text
    assert "<b>412" not in mail.html and "&lt;b&gt;412" in mail.html and "тайна" not in mail.text + mail.html
    assert late.sees_from is not None  # AB-01: who joined later is not told what was asked before
    other = sink.to("stranger@elsewhere.test")[0]
    assert "412" not in other.subject + other.text + other.html and "Готово" in other.text


def test_a_lead_is_offered_the_questions_of_the_desk(people: Cast) -> None:
    room = question(people, "customfield_77", label="Кабинет")
    question(people, "customfield_78", label="Пресет", hidden=True)
    places = field_places(KIND["comment"], people.desk)
    assert ("answer.customfield_77", "«Кабинет» (Ошибка)") in [(place.name, place.about) for place in places]
    assert "customfield_78" not in str(places) and field_places(KIND["activation"], people.desk) == []
    known = (*KIND["comment"].places, *(place.name for place in places))
    assert mistakes_in("{comment.text} {answer.customfield_77}", known) == []
    assert mistakes_in("{comment.text} {answer.customfield_1}", known)
    room.archived = True
    room.save()
    assert "customfield_77" not in str(field_places(KIND["comment"], people.desk))
