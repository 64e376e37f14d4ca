"""The beginning of a quoted mail's header: everything above it is new text."""

import pytest

from otklik.mail.parse import html
from tests.mail.parse.test_answers import HTML, OURS, words

FROM, SENT, TO = "От: Служба заявок <help@desk.example>", "Отправлено: 29 ноября 2026 г. 12:05", "Кому: p@shop.example"
SUBJECT, COPY = "Тема: HELP-7 Принтер", "CC: i@shop.example"
HEADS = {
    "outlook": [FROM, SENT, TO, SUBJECT],
    "english": [
        "From: Служба заявок <help@desk.example>",
        "Sent: Sunday, November 29, 2026 12:05 PM",
        "To: petr@shop.example;",
        " ivan@shop.example; olga@shop.example",
        "Subject: HELP-7 Принтер",
    ],
    "no_subject": [FROM, SENT, TO],
    "copies": [FROM, SENT, TO, "Копия: i@shop.example", SUBJECT, "Важность: Высокая"],
    "author_last": [SUBJECT, "Дата: Sun, 29 Nov 2026 12:05:00 +0300", FROM, TO],
    "date_last": [SUBJECT, FROM, TO, COPY, "Date: 29 Nov 2026"],
    "to_first": [TO, COPY, SUBJECT, "Date: 29 Nov 2026", FROM],
}
OWN = [
    "Дата заседания комиссии:\nДата: 14 декабря 2026 г. 10:00",
    "Вот сообщение системы:\nТема: не задана",
    "Решение:\nДата: 26.11.2026\nТема: перенос\nИтог: перенести",
    "Заполнили:\nКому: директору\nОт: учебной части\nТема: председатель",
    "Заполнили:\nОт: учебной части",
    "ПРОТОКОЛ\nДата: 26.11.2026\nОт студентов: Иванов\nТема: о переносе\nРешение: перенести",
    "Ответ:\nВложения: приказ 118",
    "Копия: бухгалтерии\nнеё хватает ещё одной подписи",
    "Re: да",
]


def page(*blocks: str) -> list[str]:
    return words(html.render("".join(blocks)).marked, html=True)


def paragraphs(text: str) -> str:
    return "".join(f"<p class=MsoNormal>{line}</p>" for line in text.split("\n"))


def in_outlook(head: list[str]) -> str:
    lines = "<br>".join(line.replace("<", "&lt;").strip() for line in head)
    return f"<div style='border:none;border-top:solid #E1E1E1 1.0pt'><p class=MsoNormal>{lines}</p></div>"


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("own", OWN)
def test_fields_above_a_head_are_words_of_the_answer(own: str, head: str) -> None:
    for gap in ("\n\n", "\n\n\n"):
        assert words("\n".join([own + gap + HEADS[head][0], *HEADS[head][1:], "", OURS])) == own.split("\n")
    spaced = "\n\n".join(line for line in HEADS[head] if line[0] != " ")
    assert words(f"Да.\n\n{spaced}\n\n{OURS}") == ["Да."]


@pytest.mark.parametrize("head", ["outlook", "english", "copies"])
@pytest.mark.parametrize("own", OWN)
def test_fields_right_above_a_head_of_outlook_are_words_of_the_answer(own: str, head: str) -> None:
    assert words("\n".join([own, *HEADS[head], OURS])) == own.split("\n")
    assert page(paragraphs(own), in_outlook(HEADS[head]), HTML) == own.split("\n")
    spaced = [line for line in HEADS[head] if line[0] != " "]
    assert words("\n\n".join([own, *spaced, OURS])) == own.split("\n")


def test_a_field_above_the_title_of_a_head_is_none_of_it() -> None:
    head = "-------- Исходное сообщение --------\nДата: 29.11.26\nОт: Служба заявок\nКому: p@shop.example"
    assert words(f"Вот:\nТема: не задана\n{head}\n\n{OURS}") == ["Вот:", "Тема: не задана"]


COLLEAGUE = [
    ["From: Ivan Gusev <g@shop.example>", "Sent: Monday, November 30, 2026", "To: Petr", "Subject: RE: HELP-7 Принтер"],
    ["От: Директор <dir@shop.example>", "Отправлено: 30 ноября 2026 г. 10:02", "Кому: Пётр", "Тема: RE: Принтер"],
    ["От: Директор", "Отправлено: 30 ноября 2026 г. 10:02", "Кому: Пётр"],
]
SAID = [
    "Модель 1120.",
    "Модель 1120.\nКабинет 306.\nИван",
    "Дата: 17 декабря",
    "Какая модель принтера стоит в кабинете?\n1120",
    "Тема: закрыта\nСогласен.",
]


@pytest.mark.parametrize("ours", ["outlook", "english", "no_subject", "copies"])
@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("head", COLLEAGUE)
def test_words_of_a_colleague_in_a_chain_are_words_of_the_answer(head: list[str], said: str, ours: str) -> None:
    wanted = ["Ответ ниже.", *head, *said.split("\n")]
    assert words("\n".join([*wanted, *HEADS[ours], OURS])) == wanted
    assert words("\n".join([*wanted[:1], "", *head, "", said, "", *HEADS[ours], "", OURS])) == wanted
    chain = paragraphs("Ответ ниже.") + in_outlook(head) + paragraphs(said)
    assert page(chain, in_outlook(HEADS[ours]), HTML) == wanted


@pytest.mark.parametrize("title", ["------ Исходное сообщение ------", "------ Original Message ------"])
def test_fields_below_a_title_may_have_no_colon(title: str) -> None:
    russian = [
        'От "Служба заявок" <help@desk.example>',
        "Кому p@shop.example",
        "Дата 29.11.2026 12:05:05",
        "Тема HELP-7",
    ]
    english = [
        'From "Служба заявок" <help@desk.example>',
        "To p@shop.example",
        "Date 11/29/2026 12:05",
        "Subject HELP-7",
    ]
    for head in (russian, english):
        assert words("\n".join(["От вас ждём мастера", "", title, *head, "", OURS])) == ["От вас ждём мастера"]
        assert words("\n".join(["Да.", *head, "", OURS])) == ["Да.", *head]
