"""Separator lines around a quotation's introduction are not part of the answer."""

import pytest

from otklik.mail.parse import parse
from tests.mail.parse.test_answers import INTROS

ANSWER = "Да, согласен.\n\nПодпишу завтра."
DRAWN = ["=== {} ===", "===={}====", "~~~ {} ~~~", "==========\n{}", "==========\n{}\n==========", "----------\n{}"]
SINGLE = [intro for intro in INTROS if "\n" not in intro]


def new_words(body: str) -> str:
    head = b"From: a@a.example\r\nSubject: Re: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    return parse(head + body.encode()).reply_text


@pytest.mark.parametrize("intro", SINGLE)
@pytest.mark.parametrize("drawn", DRAWN)
def test_signs_around_an_introduction_go_with_it(drawn: str, intro: str) -> None:
    quoted = "> Прошу открыть доступ к реестру.\n> Срочно.\n"
    assert new_words(f"{ANSWER}\n\n{drawn.format(intro)}\n\n{quoted}") == ANSWER


@pytest.mark.parametrize("own", ["Итого\n=====\nдве строки", "a === b, если c ~~ d", "=== Важно ===\nЖдём до пятницы"])
def test_signs_of_the_author_stay(own: str) -> None:
    assert new_words(f"{own}\n\n{SINGLE[0]}\n\n> Прошу открыть доступ.\n") == own
