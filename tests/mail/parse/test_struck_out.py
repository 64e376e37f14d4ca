"""Struck-out words of HTML mails are told from the others: a correction would say the opposite without."""

import pytest

from otklik.mail.parse import html, layout, parse

STRUCK = [
    ("<p>Отключите <s>Петрова</s> Иванову</p>", ["Отключите ~~Петрова~~ Иванову"]),
    ("<p><strike>В среду</strike> в пятницу</p>", ["~~В среду~~ в пятницу"]),
    ("<p><font style='color:red; text-decoration: line-through'>а <b>б</b></font> в</p>", ["~~а б~~ в"]),
    ("<p><span style='text-decoration-line:line-through'>а</span> б</p>", ["~~а~~ б"]),
    ("<del><p>раз</p><p>два</p></del>три", ["~~раз", "два~~", "три"]),
    ("<div><s>раз<br>два</s> три</div>", ["~~раз", "два~~ три"]),
    ("<ul><li><s>молоко</s></li><li>хлеб</li></ul>", ["* ~~молоко~~", "* хлеб"]),
    ("<table><tr><td><s>12</s></td><td>14</td></tr></table>", ["~~12~~\t14"]),
    ("<s><s>а</s> б</s>", ["~~а б~~"]),
    ("<p><s> </s>а<s></s></p>", ["а"]),
    ("<p style='text-decoration:none'>line-through</p>", ["line-through"]),
]


@pytest.mark.parametrize(("source", "shown"), STRUCK)
def test_struck_out_words_stand_between_marks(source: str, shown: list[str]) -> None:
    assert [line for line in html.render(source).text.split("\n") if line] == shown
    assert [line for line in layout.lines_of(source) if line] == shown


def test_a_correction_in_a_mail_is_read_as_one() -> None:
    mail = parse(
        "Subject: Доступ\nContent-Type: text/html; charset=utf-8\n\n"
        "<p>Доступ нужен <s>Петрову</s> Сидорову.</p>".encode()
    )
    assert mail.reply_text == "Доступ нужен ~~Петрову~~ Сидорову."
