"""Spaces in plain mails are visible: columns are aligned, code stays indented."""

import pytest

from otklik.ui.message_html import message_html

KEPT = [
    "имя            кол-во   цена\nперчатки          120   15.00\nмаски              7    3.50",
    "    if x:\n        y()",
    "Код:\n  - раз\n  - два",
    "дата\tномер\tсумма\n01.12\t5\t100\n02.12\t12\t90",
    "Итого     120",
    "ИНН      7701234567\nКПП      770101001",
    "  1. Открыть\n  2. Нажать",
    "+-----+-----+\n|  a  |  b  |\n|  1  |  2  |\n+-----+-----+",
    "Петров   12\nИванов    3\nи ещё двое",
    "a\u00a0\u00a0\u00a0b\nc\u00a0\u00a0\u00a0d",
    "GET /api\n   200 OK\nPOST /api\n   500",
]
PROSE = [
    "Добрый день!\nНе открывается реестр.",
    "Добрый день.  Не открывается реестр.  Что делать?",
    "    " + "Прошу открыть доступ к реестру, как мы договаривались в прошлом месяце с коллегами из отдела. " * 2,
    "Одна строка, в которой  случайно два пробела.\nИ вторая без них.\nИ третья.",
]


@pytest.mark.parametrize("text", KEPT)
def test_blanks_that_mean_something_stay(text: str) -> None:
    made = message_html(f"До таблицы.\n\n{text}\n\nПосле неё.")
    assert f'<pre class="columns" tabindex="0">\n{text}</pre>'.replace("&", "&amp;") in made
    assert made.startswith("<p>До таблицы.</p>") and made.endswith("<p>После неё.</p>")


@pytest.mark.parametrize("text", PROSE)
def test_prose_stays_prose(text: str) -> None:
    assert "<pre" not in message_html(text)


def test_ab_72_columns_are_escaped_and_linked() -> None:
    made = message_html("<b>a</b>    https://x.example\n<i>c</i>    javascript:alert(1)")
    assert "<b>" not in made and 'href="https://x.example"' in made and 'href="javascript' not in made
