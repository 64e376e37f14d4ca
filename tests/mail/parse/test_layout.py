"""Layout of mails: pictures and tables in place, logos and quoted pictures folded."""

import base64
import io
import time
from email.message import EmailMessage
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from PIL import Image

from otklik.mail.parse import ParsedMail, layout, parse
from otklik.mail.parse.layout_trimming import TrimmedLayout, trim_layout
from otklik.mail.parse.model import Part

CID = "image001.png@01DB1234.ABCD0000"
LOGO = "image002.png@01DB1234.ABCD0000"


def png(width: int, height: int, color: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), color).save(out, "PNG")
    return out.getvalue()


def mail(html: str, plain: str = "", **pictures: bytes) -> ParsedMail:
    message = EmailMessage()
    message["From"], message["Subject"] = "a@a.example", "x"
    if plain:
        message.set_content(plain)
        message.add_alternative(html, subtype="html")
        body = message.get_payload()[1]  # type: ignore[index]
    else:
        message.set_content(html, subtype="html")
        body = message
    for cid, content in pictures.items():
        body.add_related(content, "image", "png", cid=f"<{cid}>", filename=cid.partition("@")[0])
    return parse(message.as_bytes())


def whole(parsed: ParsedMail) -> TrimmedLayout:
    found = trim_layout(parsed.layout, parsed.text, whole=True)
    assert found is not None
    return found


def seen(text: str) -> str:
    return layout.MARK.sub(lambda found: f"<{found[2].partition('@')[0]}>", text)


PLAIN = f"""Вот что на экране:

[cid:{CID}]

Протоколы:

ФИО

Дата

Кузнецова А.В.

25.11.2026

С уважением,
Вера
[cid:{LOGO}]
"""
HTML = f"""<div style="display: none">не видно</div><p class=MsoNormal>Вот что на экране:</p>
<p class=MsoNormal><img width=624 height=351 src="cid:{CID}" alt="x"></p><p>Протоколы:</p>
<table><tr><td><p class=MsoNormal>ФИО</p></td><td><p>Дата</p></td></tr>
<tr><td><p class=MsoNormal>Кузнецова А.В.</p></td><td>25.11.2026</td></tr></table>
<p>С уважением,<br>Вера</p><p><img width=120 height=40 src="cid:{LOGO}"></p>"""


def test_a_picture_and_a_table_stand_where_the_mail_showed_them() -> None:
    parsed = mail(HTML, PLAIN, **{CID: png(624, 351), LOGO: png(120, 40)})
    assert "cid:" not in parsed.text + parsed.reply_text
    found = whole(parsed)
    assert seen(found.text) == (
        "Вот что на экране:\n<image001.png>\nПротоколы:\n\nФИО\tДата\nКузнецова А.В.\t25.11.2026\n\nС уважением,\nВера"
    )
    assert found.folded == {LOGO}


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<td>А</td><td>Б</td></tr><tr><td colspan=2>внизу</td>", "А\tБ\nвнизу\t"),
        ("<td rowspan=2>А</td><td>Б</td></tr><tr><td>внизу</td>", "А\tБ\n\tвнизу"),
        ("<td>А<br>Б</td><td><ul><li>раз<li>два</ul></td>", "А\u2028Б\t* раз\u2028* два"),
        ("<td>одна</td></tr><tr><td>колонка</td>", None),
        ("<td><table><tr><td>А</td><td>Б</td></tr></table></td><td>рядом</td>", "А\tБ\n\nрядом"),
        ("<td colspan=99999 rowspan=99999>А</td><td>Б</td>", "А\tБ"),
    ],
)
def test_tables_keep_their_columns_and_those_that_arrange_a_page_are_none(html: str, shown: str | None) -> None:
    parsed = mail(f"<p>вот</p><table><tr>{html}</tr></table>")
    assert (whole(parsed).text if parsed.layout else None) == (shown and f"вот\n\n{shown}".rstrip(" "))


@pytest.mark.parametrize(
    "source",
    [
        "cid:Image001.PNG@01DB1234.ABCD0000",
        "cid:image001.png%4001DB1234.ABCD0000",
        "image001.png",
        "files/Image001.PNG",
    ],
)
def test_a_picture_is_found_however_it_is_named(source: str) -> None:
    parsed = mail(f'<p>до</p><img src="{source}"><p>после</p>', **{CID: png(600, 300)})
    assert seen(whole(parsed).text) == "до\n\n<image001.png>\nпосле"


def test_of_two_files_of_one_name_the_first_is_meant() -> None:
    parts = [Part("a.png", "image/png", 1, b"x", content_id=f"{number}@mail") for number in (1, 2)]
    assert layout.Pictures(parts).mark("A.png").endswith(f"1@mail{layout.PICTURE}")


def test_ab_94_so_many_pictures_are_measured_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[int] = []
    monkeypatch.setattr(layout.images, "size_of", lambda content: measured.append(1))
    pictures = layout.Pictures([Part("a.png", "image/png", 1, b"x", "a@x")])
    marks = [pictures.mark("cid:a@x") for _ in range(300)]
    assert len(measured) == 50 and marks.count("") == 100


def test_what_a_folded_logo_leaves_is_no_column() -> None:
    table = f"<table><tr><td><img src='cid:{LOGO}'></td><td>Иван<br>тел. 5</td></tr></table>"
    html = f"<p>Прошу доступ</p><p>С уважением,</p>{table}"
    assert whole(mail(html, **{LOGO: png(80, 80)})).text == "Прошу доступ\n\nС уважением,\n\nИван\nтел. 5"


def test_blocks_of_blanks_are_empty_lines() -> None:
    html = f'<div>До</div><div> </div><div><img src="cid:{CID}"/></div><div>&nbsp;</div><div>После</div>'
    assert seen(whole(mail(html, **{CID: png(700, 300)})).text) == "До\n<image001.png>\n\nПосле"


def test_remote_and_unknown_pictures_are_not_named() -> None:
    html = (
        '<p>до</p><img src="https://x.example/a.png" width=1 height=1 alt="счётчик"><img src="cid:other@x"><p>после</p>'
    )
    assert mail(html, **{CID: png(600, 300)}).layout == ()


def test_pictures_written_into_the_html_are_files_in_their_place() -> None:
    data = base64.b64encode(png(700, 400)).decode()
    folded = "\n".join(data[at : at + 60] for at in range(0, len(data), 60))
    parsed = mail(
        f"<p>до</p><img src='data:image/png;base64,{folded}'><p>после</p><img src=data:image/png;base64,{data}>"
    )
    assert [(part.content_type, part.content) for part in parsed.parts] == [("image/png", png(700, 400))] * 2
    assert seen(whole(parsed).text) == "до\n\n<data-1>\nпосле\n\n<data-2>"
    assert parsed.html is not None and "base64" not in parsed.html


def test_a_file_written_into_the_html_has_the_name_under_which_it_is_to_be_saved() -> None:
    data = base64.b64encode(b"%PDF-1.4").decode()
    for tag in (
        f'<a href="data:application/pdf;base64,{data}" download="Отчёт &amp; счёт.pdf">файл</a>',
        f"<a download='..\\x\\Отчёт &amp; счёт.pdf' href='data:application/pdf;base64,{data}'>файл</a>",
    ):
        assert [part.name for part in mail(f"<p>Смотрите {tag}</p>").parts] == ["Отчёт & счёт.pdf"]
    for tag in (f'<a href="data:application/pdf;base64,{data}" download>файл</a><a download="x.exe">y</a>',):
        assert [(part.name, part.title) for part in mail(f"<p>{tag}</p>").parts] == [("", "application-1.pdf")]


@pytest.mark.parametrize("written", ["base64,@@@@!!!!", "base64,A", "base64,%%%", "base64,Я"])
def test_a_broken_picture_in_the_html_is_told_and_the_original_attached(written: str) -> None:
    parsed = mail(f'<p>Вот схема:</p><img src="data:image/png;{written}"><p>Ниже.</p>')
    assert "Вот схема:" in parsed.text and "Ниже." in parsed.text
    assert parsed.cuts == ("broken",)


@pytest.mark.parametrize("written", ["data:,", "data:image/png;base64,", "data:image/gif;base64,R0lGODlhAQABAAAAACw="])
def test_a_picture_that_holds_nothing_is_none(written: str) -> None:
    assert mail(f'<p>Слова.</p><img src="{written}"><img src=\'{written}\' alt="">').cuts == ()


def test_a_large_picture_in_the_html_does_not_hide_the_words() -> None:
    noise = base64.b64encode(bytes(range(256)) * 6000).decode()
    parsed = mail(f'<p>Выше.</p><img src="data:image/png;base64,{noise}"><p>Ниже.</p>')
    assert parsed.text.split() == ["Выше.", "Ниже."] and parsed.parts[0].size == 1_536_000 and not parsed.defects


def test_blanks_that_make_columns_stay() -> None:
    parsed = mail("<p>Имя&nbsp;&nbsp;&nbsp;&nbsp;Код<br>Анна&nbsp;&nbsp;&nbsp;17</p><pre>a\n    b\tc</pre>")
    assert whole(parsed).text.replace("\xa0", " ") == "Имя    Код\nАнна   17\n\na\n    b   c"


def test_a_phone_sends_words_and_pictures_by_turns() -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "a@a.example", "x"
    message.make_mixed()
    for piece in ("Вот:\n", png(900, 500), "А вот ещё:\n", png(901, 500)):
        part = EmailMessage()
        if isinstance(piece, str):
            part.set_content(piece)
        else:
            part.set_content(piece, "image", "png", disposition="inline", filename="IMG.png")
        message.attach(part)
    parsed = parse(message.as_bytes())
    assert seen(whole(parsed).text) == "Вот:\n\n<part-1>\nА вот ещё:\n\n<part-2>"


QUOTE = f"""<div>Вот новый снимок:</div><div><img src="cid:{CID}" width=640 height=400></div><div>Спасибо</div>
<div>-- <br>Вера<br><img src="cid:{LOGO}" width=90 height=30></div>
<div class="gmail_quote"><div class="gmail_attr">пн, 2 нояб. 2026 г. в 12:00, Desk &lt;desk@desk.test&gt;:<br></div>
<blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px #ccc solid"><div>Пришлите снимок</div>
<img src="cid:image003.png@x" width=640 height=400></blockquote></div>"""


def test_a_picture_that_plain_text_names_stands_there_and_not_once_more() -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "a@a.example", "x"
    message.set_content(f"До\n[cid:{CID}]\nПосле")
    message.add_related(png(300, 200), "image", "png", cid=f"<{CID}>", filename="a.png", disposition="inline")
    lines = [line for line in parse(message.as_bytes()).layout if line != layout.OWN]
    assert [line.count(layout.PICTURE) for line in lines] == [0, 2, 0]


def test_an_answer_shows_its_own_pictures_and_folds_those_of_signature_and_quotation() -> None:
    parsed = mail(QUOTE, **{CID: png(640, 400), LOGO: png(90, 30), "image003.png@x": png(641, 400)})
    found = trim_layout(parsed.layout, parsed.reply_text, whole=False)
    assert found is not None and seen(found.text) == "Вот новый снимок:\n<image001.png>\nСпасибо"
    assert found.folded == {LOGO, "image003.png@x"}


def test_a_picture_without_words_and_one_below_the_signature_are_shown() -> None:
    parsed = mail(QUOTE.replace("Вот новый снимок:", "").replace("Спасибо", ""), **{CID: png(640, 400)})
    found = trim_layout(parsed.layout, "", whole=False)
    assert found is not None and seen(found.text) == "<image001.png>"
    below = f'<div>Снимок внизу</div><div>-- <br>Вера</div><img src="cid:{CID}">'
    parsed = mail(below, **{CID: png(640, 400)})
    found = trim_layout(parsed.layout, parsed.reply_text, whole=False)
    assert found is not None and seen(found.text) == "Снимок внизу\n<image001.png>"


def test_a_layout_that_does_not_say_the_words_is_not_taken() -> None:
    parsed = mail(
        f'<p>Совсем другое</p><img src="cid:{CID}">', "Прошу открыть доступ Петрову к реестру.", **{CID: png(9, 9)}
    )
    assert parsed.layout and trim_layout(parsed.layout, parsed.text, whole=True) is None


@pytest.mark.parametrize(
    ("plain", "html", "shown"),
    [
        ("Вот экран", "<p>Вот такой экран:</p><img src='cid:{}'>", "Вот такой экран:\n<image001.png>"),
        ("ок", "<p>Хорошо, вот снимок</p><img src='cid:{}'>", "ок\nХорошо, вот снимок\n<image001.png>"),
        ("Один\nДва", "<p>Один</p><img src='cid:{}'><p>Три</p>", "Два\nОдин\n<image001.png>\nТри"),
    ],
)
def test_pictures_of_parts_that_differ_stand_in_place(plain: str, html: str, shown: str) -> None:
    html = html.format(CID)
    parsed = mail(html, plain, **{CID: png(640, 400)})
    found = trim_layout(parsed.layout, parsed.text, whole=True, patched=True)
    assert found is not None and seen(found.text).replace("\n\n", "\n") == shown
    quote = "<div>02.11.2026 12:00, Desk &lt;desk@desk.test&gt;:</div><blockquote>Старое</blockquote>"
    old = "02.11.2026 12:00, Desk <desk@desk.test>:\n> Старое"
    answer = mail(html + quote, f"{plain}\n\n{old}", **{CID: png(640, 400)})
    found = trim_layout(answer.layout, answer.reply_text, whole=False, patched=True)
    assert found is not None and "<image001.png>" in seen(found.text) and "Старое" not in found.text
    assert sorted(seen(found.text).split()) == sorted(shown.split())
    assert trim_layout(answer.layout, answer.reply_text, whole=False) is None


@pytest.mark.parametrize("mark", ["<image001.png>", f"[cid:{CID}]", "[image: image001.png]"])
def test_the_plain_texts_mark_of_a_picture_is_no_line_of_its_own(mark: str) -> None:
    plain, html = f"Вот ошибка:\n{mark}\nЧто делать?", f"<p>Вот ошибка:</p><img src='cid:{CID}'><p>Что делать?</p>"
    parsed = mail(html, plain, **{CID: png(640, 400)})
    found = trim_layout(parsed.layout, parsed.text, whole=True, patched=True)
    assert found is not None
    assert [line for line in seen(found.text).split("\n") if line] == ["Вот ошибка:", "<image001.png>", "Что делать?"]


@pytest.mark.parametrize("alternative", [False, True])
def test_pictures_between_html_texts_stand_there_and_those_it_names_once(alternative: bool) -> None:
    flow = MIMEMultipart("mixed")
    named = MIMEImage(png(640, 400), "png")
    for name, value in (("Content-Disposition", 'inline; filename="named.png"'), ("Content-ID", "<named@x>")):
        named[name] = value
    unnamed, last = MIMEImage(png(630, 400), "png"), MIMEImage(png(620, 400), "png")
    unnamed["Content-Disposition"], last["Content-Disposition"] = 'inline; filename="a.png"', 'inline; filename="b.png"'
    first = MIMEText("<html><body>Шаг один<br><img src='cid:named@x'></body></html>", "html", "utf-8")
    second = MIMEText("<html><body>Шаг два</body></html>", "html", "utf-8")
    for part in (first, named, unnamed, second, last):
        flow.attach(part)
    whole_mail: MIMEMultipart = flow
    if alternative:
        whole_mail = MIMEMultipart("alternative")
        whole_mail.attach(MIMEText("Шаг один\n\nШаг два\n", "plain", "utf-8"))
        whole_mail.attach(flow)
    parsed = parse(whole_mail.as_bytes())
    found = trim_layout(parsed.layout, parsed.text, whole=True, patched=True)
    assert found is not None
    assert [line for line in seen(found.text).split("\n") if line] == ["Шаг один", "<named>", "<part-2>", "Шаг два"]
    assert len(parsed.parts) == 3


def test_ab_94_looking_words_up_takes_time_in_proportion() -> None:
    def seconds(count: int) -> float:
        lines = tuple(layout.OWN + "а б в г " * 8 for _ in range(count))
        start = time.process_time()
        trim_layout(lines, "а б в а б г " * 4 * count, whole=True)
        return time.process_time() - start

    assert min(seconds(4_000) for _ in range(3)) < 8 * min(seconds(1_000) for _ in range(3))


@pytest.mark.parametrize("alt", ["", " alt='снимок экрана'", " alt=''"])
def test_words_around_a_picture_are_not_glued_together_and_said_once(alt: str) -> None:
    parsed = mail(f"<p>До<img src='cid:{CID}'{alt}>После</p>", **{CID: png(300, 200)})
    assert "ДоПосле" not in parsed.text and parsed.text.split()[:: len(parsed.text.split()) - 1] == ["До", "После"]
    fit = trim_layout(parsed.layout, parsed.text, whole=True, patched=True)
    assert fit is not None and fit.text.count("До") == fit.text.count("После") == 1
