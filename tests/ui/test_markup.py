"""Markdown: rendering as intended, and no active content."""

import time

import pytest

from otklik.ui.markup import LONGEST_MARKDOWN, named_pictures, words_html, words_text

PICTURE = "/servicedesk/customershim/secure/thumbnail/7/image-1.png"


def shown(text: str) -> str:
    return words_html(text, "markdown", [("image-1.png", PICTURE), ("снимок экрана.png", PICTURE)])


def test_the_usual_marks_become_what_they_mean() -> None:
    page = shown(
        "**важно** и _тихо_\nвторая строка\n\n- раз\n- два\n\n> цитата\n\n```\nкод <b>\n```"
        "\n\n| а | б |\n|---|---|\n| 1 | 2 |"
    )
    for words in ("<strong>важно</strong>", "<em>тихо</em>", "<br>", "<li>раз</li>", "<blockquote>", "<table>"):
        assert words in page, words
    assert "<pre><code>код &lt;b&gt;" in page


def test_headings_stand_below_those_of_the_page() -> None:
    assert "<h3>Один</h3>" in shown("# Один") and "<h4>Три</h4>" in shown("### Три")


def test_nothing_typed_is_swallowed() -> None:
    page = shown("*x*\n[ссылка]: http://x.test\n<b>не жирно</b> &nbsp;\nПочти\n---\n    отступ")
    for words in ("[ссылка]:", "&lt;b&gt;не жирно&lt;/b&gt;", "&amp;nbsp;", "Почти", "отступ"):
        assert words in page, words


def test_an_address_inside_a_link_is_no_second_link() -> None:
    page = shown("[см. https://a.test/x и **https://c.test**](https://b.test/) и https://d.test")
    assert page.count("<a ") == page.count("</a>") == 2
    assert 'href="https://b.test/"' in page and 'href="https://d.test"' in page and ">см. https://a.test/x" in page


def test_words_of_mails_are_no_markdown() -> None:
    assert words_html("**так** и было", "plain") == "<p>**так** и было</p>"


def test_blanks_within_a_line_of_a_mail_are_kept() -> None:
    assert words_html("пароль: a  b", "plain") == '<div class="typed"><p>пароль: a  b</p></div>'


@pytest.mark.parametrize(
    "text",
    [
        "<script>pwn()</script> *x*",
        "[x](javascript:pwn())",
        "[x](jav&#x09;ascript:pwn())",
        "[x](data:text/html,pwn)",
        "[x](vbscript:pwn)",
        "[x]( javascript:pwn())",
        "<javascript:pwn()> *x*",
        "![x](javascript:pwn())",
        '[x](https://a.test/" onmouseover="pwn)',
        '![" onerror="pwn](attachment:image-1.png)',
        '*x* <img src=x onerror="pwn()">',
        "`x` <style>*{}</style>",
        "*x* ``<iframe src=x>``",
    ],
)
def test_ab_65_ab_72_nothing_in_markdown_acts(text: str) -> None:
    page = shown(text)
    assert "<script" not in page and "<style" not in page and "<iframe" not in page
    for href in page.split('href="')[1:]:
        assert href.startswith(("https://", "http://", "mailto:", PICTURE))
    for source in page.split('src="')[1:]:
        assert source.startswith(PICTURE)
    tags = [part.split(">")[0] for part in page.split("<")[1:]]
    assert not any(" on" in tag.replace('alt="&quot; onerror=&quot;pwn"', "") for tag in tags)


def test_links_open_elsewhere_without_telling_where_from() -> None:
    page = shown("*x* [сайт](https://a.test/) и https://b.test/a_b_c")
    assert page.count('rel="noopener noreferrer nofollow"') == 2 and 'href="https://b.test/a_b_c"' in page


def test_ab_46_ab_71_only_pictures_of_the_same_message_are_shown() -> None:
    assert f'src="{PICTURE}"' in shown("![снимок](attachment:image-1.png)")
    assert f'src="{PICTURE}"' in shown("![снимок](<attachment:снимок экрана.png>)")
    for text in (
        "![x](attachment:другой.png)",
        "![x](https://evil.test/pixel.png)",
        "![x](//evil.test/pixel.png)",
        "![x](/servicedesk/customershim/secure/attachment/1/x.png)",
        "![x](http:/evil.test/x.png)",
    ):
        assert "<img" not in shown(text), text


@pytest.mark.parametrize(
    "text", ["_*" * 10_000, "~~a" * 6_000, "a**b" * 5_000, "[" * 20_000, "![" * 10_000, "*a_ " * 5_000, ">" * 20_000]
)
def test_ab_73_hostile_markdown_costs_little(text: str) -> None:
    started = time.process_time()
    shown(text[:LONGEST_MARKDOWN])
    assert time.process_time() - started < 3  # these took 6 to 20 seconds without the limits


def test_a_plain_mail_names_inline_pictures_in_words() -> None:
    text = "Вот:\n![окно](attachment:image-1.png)\n**всё**"
    assert words_text(text, "markdown").splitlines()[1:] == ["[рисунок: окно]", "**всё**"]
    assert named_pictures(text, "markdown", ()) == {"image-1.png"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[https://bank.example](https://evil.test/x)", "(evil.test)"),
        ("[www.bank.example](https://evil.test)", "(evil.test)"),
        ("[вход на bank.example/login](https://evil.test)", "(evil.test)"),
        ("[help@bank.example](mailto:evil@evil.test)", "(evil.test)"),
        ("[https://a.example/x](https://a.example/y)", ""),
        ("[инструкция](https://a.example/y)", ""),
    ],
)
def test_words_that_name_another_place_are_followed_by_the_true_one(text: str, shown: str) -> None:
    made = words_html(text, "markdown")
    assert (f"</a> {shown}" in made) if shown else made.endswith("</a></p>\n")


@pytest.mark.parametrize(
    "text",
    ["*a*\n" + "a\n" * 9_900, "[x](http://a) a\n" * 1_100, "`" * 3 + "a" + "`a" * 8_000, "*a* " + "http://a" * 2_400],
)
def test_a_long_text_costs_in_proportion_to_its_length(text: str) -> None:
    before = time.process_time()
    words_html(text, "markdown")
    assert time.process_time() - before < 2  # the first took nine seconds


def test_the_first_five_hundred_addresses_of_a_text_are_links() -> None:
    assert words_html("http://a.test/x\n" * 600, "plain").count("<a href=") == 500
    before = time.process_time()
    words_html(("http://a" + ")" * 1990 + "\n") * 260, "plain")
    assert time.process_time() - before < 1  # it took 2.7 seconds
