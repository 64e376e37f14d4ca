"""Typed texts are shown as typed, on pages and in both forms of a mail; only unambiguous marks are formatting (ADR
66)."""

import re
import time
from html import unescape

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from otklik.ui.markup import named_pictures, words_html, words_text
from otklik.ui.message_html import message_html

PICTURE = "/servicedesk/customershim/secure/thumbnail/7/image-1.png"

# Each alone, and any two in one line or one text, come out as they are.
LITERAL = r"""
2. да
5. нет
1) первый
10. десятый
29. ноября
- 5
+ 7
* пункт
***
---
- - -
===
# 14
## Итог
#1234
> 38,5
>>> print(1)
5*3*2
5 * 3 * 2
2**3**4
2 ** 3 ** 4
1*2*3 = 6
a_b_c
snake_case_name
_temp_
__init__
__init__.py и __main__.py
self.__dict__
*важно*
_тихо_
*_old_*
*.tmp
*.doc *.xls
**/node_modules/**
**.js,**.ts
**.js,**
**/a,**/b и **/c
a **= 2; b **= 3
***важно***
*** важно ***
***.tmp
{**.js,**}
f(*args, **kwargs)
f(**a, **b)
C:\_docs\new_folder\*.tmp
C:\Users\Мария\_temp_\[1]\file.txt
\\server\share\отчёт
\\server\c$\*.*
D:\!архив\#2\
/usr/local/bin/*_test_*
~/.ssh/id_rsa
~~нет~~
~10 шт.
H~2~O и x^2^
<tag>
<b>не жирно</b>
<script>alert(1)</script>
<!-- нет -->
<https://a.test/x_y_z>
<anna@clinic.test>
a < b && c > d
&amp; &lt; &nbsp; &#42;
\* \_ \# \\ \`
пароль: Qw_3*x_y*Z\n
пароль: **1234
P@ss_w0rd_*!
*)(&^%$#@!~`
`id`, `name`
SELECT `id` FROM `users` WHERE `a`*2 > 1;
echo `date` > out.txt
5` 30`` и 6`20``
об`єкт п`ять
карта **** **** **** 1234
**1234 и **5678
(**) см. (**)
http://b.test/a_b_c*d*/
https://a.test/?a=1&b=2#c_d
[x] готово
[ ] нет
[1]: http://a.test
[ссылка]: смотрите
[a](b)
[файл](C:\x)
[x](javascript:alert(1))
![x](https://evil.test/x.png)
[^1]
a | b
|---|---|
| а | б |
+----+----+
:-) ;-) :* <3 ^_^ *_* -_- o_O \o/ ¯\_(ツ)_/¯
01.02.2026 - 05.03.2026
12-34-56
+7 (912) 345-67-89
1.2.3.4/24
=СУММ(A1:A9)*2
'=1+1
$HOME ${x} $(ls) %TEMP% {x} {{x}} {% if %}
^\d+\.\d*$
s/\./_/g
Ё ё й Й
""".strip("\n").split("\n")

# With an opening sign before them on the line, these would end a mark.
ALONE = ["``TeX''", "цена** и срок**", "(**) и **", "a ** b **"]

LINES = st.sampled_from(LITERAL)
SIGNS = st.text(alphabet="*_`~#>-+.\\[]()!&;:<>|=/^'\"{}$%@ \tабвxyz0123456789", max_size=60)
TEXTS = st.lists(LINES | SIGNS | st.just(""), min_size=1, max_size=6).map("\n".join)
# What may stand between the signs of a mark: no blank and no star outside, one end at least like words.
WORDS = st.text(alphabet="абвгё xyz019_*\\/.#~<>&|=%!?,()«»№-", min_size=1, max_size=20).filter(
    lambda words: (
        re.fullmatch(r"[\w#«№-]|[\w#«№(<-][^\n]*[^\s*(<=|&~]|[/\\.=%!~][^\n]*[\w)%»]", words)
        and not re.search(r"\*\*|\*_|_\*", words)
    )
)
often = settings(derandomize=True, database=None, deadline=None, max_examples=300)


def page(text: str, pictures: tuple[tuple[str, str], ...] = ()) -> str:
    return words_html(text, "typed", pictures)


def plain(text: str) -> str:
    return words_text(text, "typed")


def visible(html: str) -> str:
    """Return the text that a reader of the page sees."""
    html = re.sub(r"<br>|</p>|</pre>|</blockquote>|<pre[^>]*>", "\n", html)
    return unescape(re.sub(r"<[^>]*>", "", html))


def lines_of(text: str) -> list[str]:
    return [line.rstrip() for line in text.split("\n") if line.strip()]


def is_literal(text: str) -> None:
    assert plain(text) == text
    assert lines_of(visible(page(text))) == lines_of(text)


@pytest.mark.parametrize("line", [*LITERAL, *ALONE])
def test_codes_paths_masks_passwords_and_formulas_stay(line: str) -> None:
    for text in (line, f"Вот: {line}", f"{line} и {line}", f"{line}\n{line}", f"слово\n\n{line}\n\nслово"):
        is_literal(text)


@often
@example(["f(*args, **kwargs)", "(**) см. (**)"], " ")
@given(st.lists(LINES, min_size=1, max_size=4), st.sampled_from([" ", "\n", "\n\n", ", ", "  ", "\t", " — "]))
def test_whatever_stands_together_stays(lines: list[str], between: str) -> None:
    is_literal(between.join(lines))


@often
@given(TEXTS)
@example("```\nне закрыто")
@example("a\n\n\n\nb")
def test_random_signs_without_a_mark_stay(text: str) -> None:
    once = text.count("**") < 2 and text.count("``") < 2 and "](" not in text
    assume(once and not ("_*" in text and "*_" in text))
    is_literal(text)


@pytest.mark.parametrize(("empty", "shown"), [(0, 0), (1, 0), (2, 1), (3, 2), (15, 14), (500, 20)])
def test_empty_lines_stay_as_many_as_were_typed(empty: int, shown: int) -> None:
    made = page("До\n" + "\n" * empty + "После\n\n\n")
    assert made.count("<p><br></p>") == shown and "До" in made
    assert made.endswith("После</p></div>"), "none behind the last words"
    assert plain("До\n" + "\n" * empty + "После") == "До\n" + "\n" * empty + "После"


@often
@given(TEXTS, st.lists(st.sampled_from(["**", "_*", "*_", "``", "```", "\n```\n", "\n"]), max_size=6))
def test_the_page_and_the_plain_mail_say_the_same(text: str, marks: list[str]) -> None:
    text = text + "".join(f"{mark}{text[:7]} " for mark in marks)
    assume("](" not in text)
    assert lines_of(visible(page(text))) == lines_of(plain(text))


@often
@given(WORDS, st.sampled_from(["{}", "слово {} слово", "({})", "«{}».", "{}, и", "- {}", "> {}"]))
@pytest.mark.parametrize(
    ("mark", "tag"), [("**{}**", "<strong>"), ("_*{}*_", "<em>"), ("``{}``", "<code>"), ("**_*{}*_**", "<strong><em>")]
)
def test_what_the_buttons_make_is_a_mark_around_any_words(mark: str, tag: str, words: str, around: str) -> None:
    text = around.format(mark.format(words))
    assert tag in page(text), text
    assert lines_of(visible(page(text))) == lines_of(plain(text)) == lines_of(around.format(words))


def test_lines_of_code_are_shown_letter_by_letter() -> None:
    text = "Ответ:\n```\nа  **б** [x](https://a.test)\n\n  &amp; `id`\n```\nвсё"
    assert "<pre><code>а  **б** [x](https://a.test)\n\n  &amp;amp; `id`\n</code></pre>" in page(text)
    assert plain(text) == "Ответ:\nа  **б** [x](https://a.test)\n\n  &amp; `id`\nвсё"
    named = "```sql\nselect 1\n```"
    assert plain(named) == named and "<code>```sql\nselect 1\n```" in page(named)


def test_a_link_shows_its_words_and_a_plain_mail_its_target_too() -> None:
    text = "[сайт](https://a.test/x_(y)?a=1&b=*2*) [](https://b.test) [Анна](mailto:a@c.test) **[да](https://c.test)**"
    html = page(text)
    assert '<a href="https://a.test/x_(y)?a=1&amp;b=*2*" rel="noopener noreferrer nofollow">сайт</a>' in html
    assert ">https://b.test</a>" in html and 'href="mailto:a@c.test"' in html and "<strong><a " in html
    assert plain(text) == "сайт (https://a.test/x_(y)?a=1&b=*2*) https://b.test Анна (a@c.test) да (https://c.test)"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[https://bank.example](https://evil.test/x)", "(evil.test)"),
        ("[**help@bank.example**](mailto:evil@evil.test)", "(evil.test)"),
        ("[https://bank\u200b.example](https://evil.test)", "(evil.test)"),
        ("[ｈttps://bank.example](https://evil.test)", "(evil.test)"),
        ("[https://bank。example](https://evil.test)", "(evil.test)"),
        ("[«bank.example»](https://evil.test)", "(evil.test)"),
        ("[(bank.example)](https://evil.test)", "(evil.test)"),
        ("[bank.example, вход](https://evil.test)", "(evil.test)"),
        ("[«bank.example»](https://bank.example/x)", ""),
        ("[инструкция](https://a.example/y)", ""),
        ("[и т.д., см. п. 2.3](https://a.example/y)", ""),
    ],
)
def test_words_that_name_another_place_are_followed_by_the_true_one(text: str, shown: str) -> None:
    assert page(text).endswith(f"</a> {shown}</p></div>" if shown else "</a></p></div>")


def test_a_picture_is_named_in_words_and_shown_where_the_message_has_it() -> None:
    pictures = (("image-1.png", PICTURE), ("скан [2] (3).png", PICTURE))
    text = "Вот:\n[рисунок: image-1.png]\n[picture: скан [2] (3).png] [рисунок: другой.png]"
    assert page(text, pictures).count(f'src="{PICTURE}"') == 2
    assert "[рисунок: другой.png]" in page(text, pictures) and "<img" not in page(text)
    assert plain(text) == text
    names = [name for name, _address in pictures]
    assert named_pictures(text, "typed", [*names, "другая.png"]) == set(names)
    assert named_pictures(f"```\n{text}\n```", "typed", names) == set()
    assert "<img" not in page(f"```\n{text}\n```", pictures)


DRAWN = (
    "┌────┬─────┐\n│ № │ Имя │\n├────┼─────┤\n│ 1 │ Оля │\n└────┴─────┘",
    "+----+------+\n| id | name |\n+----+------+\n| 1 | Оля |\n+----+------+",
    "id | name\n----+------\n1 | Оля",
    "| ФИО | Отдел |\n|-----|:-----:|\n| Петров | Касса |",
    "╔════╦═════╗\n║ № ║ Имя ║\n╚════╩═════╝",
)


@pytest.mark.parametrize("text", DRAWN)
def test_tables_drawn_with_signs_keep_their_columns(text: str) -> None:
    assert f'<pre class="columns" tabindex="0">\n{text}</pre>' in message_html(text)
    assert '<pre class="columns" tabindex="0">' in page(text)


@pytest.mark.parametrize(
    "text", ["a | b\nc | d", "---\nниже линии\n===", "++\nда | нет", "|x| < 5\n-+-", "Да\n-----\nНет"]
)
def test_a_bar_or_a_line_alone_draws_no_table(text: str) -> None:
    assert "<pre" not in message_html(text)


def test_numbered_lines_and_bullets_hang_and_columns_keep_their_width() -> None:
    assert page("2. да\n5. нет").count('<span class="item">') == 2
    assert '<pre class="columns" tabindex="0">имя    лет\nАнна   30' in page("имя    лет\nАнна   30")


@pytest.mark.parametrize(
    "text",
    [
        "<script>pwn()</script> **x**",
        "[x](javascript:pwn())",
        "[x](data:text/html,pwn)",
        '[x](https://a.test/"onmouseover="pwn)',
        '[рисунок: " onerror="pwn.png]',
        '**<img src=x onerror="pwn()">**',
        "``<iframe src=x>``",
        "```\n<style>*{}</style>\n```",
    ],
)
def test_ab_65_ab_72_nothing_typed_acts(text: str) -> None:
    made = page(text, (('" onerror="pwn.png', PICTURE),))
    for node in LexborHTMLParser(made).body.traverse():  # type: ignore[union-attr]
        assert node.tag in {"body", "div", "p", "br", "a", "img", "strong", "code", "pre"}
        assert not [name for name in node.attributes if name.startswith("on")]
        assert (node.attributes.get("href") or PICTURE).startswith(("https://", "mailto:", PICTURE))
        assert node.attributes.get("src", PICTURE) == PICTURE


@pytest.mark.parametrize(
    "text",
    [
        "**a " * 9,
        "_*a " * 9,
        "**a**" * 9,
        "``a` " * 9,
        "``a",
        "[",
        "[x](http://a",
        "[x](http://a(",
        "```\n",
        "```a\n",
        ">a\n\n",
        "** **_* *_",
        "http://a.test/_*x*_ ",
    ],
)
def test_ab_73_hostile_words_cost_in_proportion_to_their_length(text: str) -> None:
    def cost(length: int) -> float:
        started = time.process_time()
        page((text * length)[:length])
        plain((text * length)[:length])
        return time.process_time() - started

    assert cost(200_000) < 3
