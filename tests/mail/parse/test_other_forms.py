"""Texts in unusual places: stubs, long subjects, forwarded mails, invitations, signatures."""

import base64

import pytest

from otklik.mail.parse import ParsedMail, parse

HEAD = "From: a@a.example\r\nMIME-Version: 1.0\r\n"


def alternative(plain: str, html: str) -> ParsedMail:
    raw = f"{HEAD}Content-Type: multipart/alternative; boundary=b\r\n\r\n"
    for kind, words in (("plain", plain), ("html", html)):
        raw += f"--b\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n{words}\r\n"
    return parse(f"{raw}--b--\r\n".encode())


@pytest.mark.parametrize(
    "plain",
    [
        "",
        "\u00a0\n\u2003\n",
        "\u200b\u200c\u200d\u2060\ufeff",
        "\u3164\u2800",
        "\u00ad \u034f",
        "\u2028\u2029",
        "Ваша почтовая программа не поддерживает HTML.",
        "This is an HTML message. Please use a mail client that shows HTML.",
        "Чтобы прочитать письмо, откройте его в браузере: https://view.example/x",
        "Your email client cannot display HTML. View it in your browser.",
        "This message is in MIME format.",
    ],
)
def test_the_fuller_form_is_taken(plain: str) -> None:
    found = alternative(plain, "<p>Прошу открыть доступ <b>Петрову</b> к реестру.</p>")
    assert found.text.strip() == found.reply_text.strip() == "Прошу открыть доступ Петрову к реестру."


@pytest.mark.parametrize("plain", ["Добрый день!", "https://view.example/letter?id=5"])
def test_a_few_of_the_words_are_not_all(plain: str) -> None:
    found = alternative(plain, "<p>Добрый день!</p><table><tr><td>Номер прибора</td><td>12345</td></tr></table>")
    assert "Добрый день!" in found.text and "12345" in found.reply_text


@pytest.mark.parametrize("plain", ["See attached", "null", "&nbsp;", "[image: image.png]", "Просмотреть онлайн"])
def test_few_words_beside_quite_other_ones_hide_none(plain: str) -> None:
    found = alternative(plain, "<p>Прошу открыть доступ <b>Петрову</b> к реестру.</p>")
    assert found.text.startswith(plain) and "Прошу открыть доступ Петрову" in found.reply_text


@pytest.mark.parametrize(
    "unseen",
    ["<!--[if gte mso 9]><x/>" + "<y z='1'/>" * 130_000 + "<![endif]-->", f"<style>{'a{b:c} ' * 200_000}</style>"],
)
def test_what_nobody_sees_costs_no_words(unseen: str) -> None:
    raw = f"{HEAD}Content-Type: text/html; charset=utf-8\r\n\r\n<html><head>{unseen}</head><body>Слова</body></html>"
    found = parse(raw.encode())
    assert found.text.strip() == "Слова" and found.html and not found.truncated


def test_a_quotation_makes_no_answer_fuller() -> None:
    found = alternative("Да, согласна.", "<p>Да, согласна.</p><blockquote>Старые слова, очень много слов</blockquote>")
    assert found.text.strip() == "Да, согласна."


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/enriched", "<bold>Не печатает</bold> <<принтер> <color><param>red</param>12</color>"),
        ("text/markdown", "Не печатает <принтер> 12"),
        ("text/x-anything", "Не печатает <принтер> 12"),
    ],
)
def test_words_of_a_rarer_kind_of_text(kind: str, body: str) -> None:
    found = parse(f"{HEAD}Content-Type: {kind}; charset=utf-8\r\n\r\n{body}\r\n".encode())
    assert found.text.strip() == "Не печатает <принтер> 12"


@pytest.mark.parametrize("plain", ["Не открывается HTML в браузере.", "Да", "5", "👍", "???"])
def test_what_somebody_wrote_is_no_stub(plain: str) -> None:
    assert alternative(plain, f"<p>{plain}</p>").text.strip() == plain


def test_a_subject_that_is_cut_stands_in_the_text() -> None:
    subject = "слово " * 90 + "конец"
    word = base64.b64encode(subject.encode()).decode()
    found = parse(f"{HEAD}Subject: =?utf-8?b?{word}?=\r\n\r\nИ текст\r\n".encode())
    assert len(found.subject) <= 300 and found.text.startswith(subject) and "И текст" in found.reply_text
    assert parse(f"{HEAD}Subject: кратко\r\n\r\nИ текст\r\n".encode()).text.strip() == "И текст"


INNER_HEAD = "Subject: s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"


def holding(kind: str, inner: str, words: str = " ") -> ParsedMail:
    raw = (
        f"{HEAD}Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    )
    raw += f"{words}\r\n--o\r\nContent-Type: {kind}\r\nContent-Disposition: attachment\r\n\r\n{inner}\r\n--o--\r\n"
    return parse(raw.encode())


INNER = "From: b@b.example\r\nSubject: Приказ 12/5\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Нет приказа</p>"
EVENT = (
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;TZID=Europe/Moscow:20261203T103000\r\nDTEND:20261203T113000Z\r\n"
    "SUMMARY:Созвон\\, срочно\r\nLOCATION:переговор\r\n ная 4\r\nDESCRIPTION:раз\\nдва\r\nEND:VEVENT\r\nEND:VCALENDAR"
)


def test_a_mail_forwarded_without_words_gives_its_own() -> None:
    found = holding("message/rfc822", INNER)
    assert found.text == "Нет приказа" and found.parts[0].title == "Приказ 12_5.eml"
    assert holding("message/rfc822", INNER, "Смотрите вложение").text.strip() == "Смотрите вложение"


def test_forwarded_mails_of_no_known_type_and_several_of_them() -> None:
    assert holding('application/octet-stream; name="a.eml"', INNER).text == "Нет приказа"
    again = INNER.replace("Нет приказа", "Есть приказ")
    second = f"\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n{again}"
    assert holding("message/rfc822", INNER + second).text == "Нет приказа\n\nЕсть приказ"
    assert "переговорная 4" in holding('application/octet-stream; name="invite.ics"', EVENT).text


@pytest.mark.parametrize("inner", [INNER_HEAD + "Не печатает касса.", "Не печатает касса."])
def test_a_piece_of_a_mail_gives_its_words(inner: str) -> None:
    kind = 'Content-Type: message/partial; id="1@a.example"; number=1; total=2'
    alone = parse(f"From: a@a.example\r\nSubject: s\r\n{kind}\r\n\r\n{inner}".encode())
    assert alone.text == "Не печатает касса."
    assert holding(kind.partition(": ")[2], inner).text.strip() == "Не печатает касса."


@pytest.mark.parametrize("words", ["Отправлено с iPhone", "-- \r\nПётр Иванов\r\nинженер"])
def test_a_signature_above_a_forwarded_mail_is_no_word(words: str) -> None:
    found = holding("message/rfc822", INNER, words)
    assert found.text.startswith("Нет приказа") and "\n".join(words.split("\r\n")) in found.text


def test_a_mail_forwarded_twice() -> None:
    between = f"Subject: Fwd\r\nContent-Type: message/rfc822\r\n\r\n{INNER}"
    assert holding("message/rfc822", between).text == "Нет приказа"


def test_an_invitation_without_words_gives_place_and_time() -> None:
    found = holding("text/calendar; method=REQUEST; charset=utf-8", EVENT)
    for words in ("Созвон, срочно", "03.12.2026 10:30", "11:30 UTC", "Europe/Moscow", "переговорная 4", "раз\nдва"):
        assert words in found.text
    assert found.parts[0].title == "Созвон, срочно.ics"


def _der(tag: int, content: bytes, *, open_length: bool = False) -> bytes:
    if open_length:
        return bytes([tag, 0x80]) + content + b"\0\0"
    size = len(content).to_bytes(4, "big")
    return bytes([tag, 0x84]) + size + content


@pytest.mark.parametrize("in_pieces", [False, True])
def test_an_opaque_signature_gives_its_words_and_files(in_pieces: bool) -> None:
    oid = bytes.fromhex("06092a864886f70d0107")
    inner = "Content-Type: text/plain; charset=utf-8\r\n\r\nПодписанный вопрос".encode()
    octets = _der(0x24, _der(4, inner[:50]) + _der(4, inner[50:]), open_length=True) if in_pieces else _der(4, inner)
    wrapped = _der(0x30, oid + b"\x01" + _der(0xA0, octets, open_length=in_pieces), open_length=in_pieces)
    data = _der(0x30, b"\x02\x01\x01" + b"\x31\x00" + wrapped, open_length=in_pieces)
    whole = _der(0x30, oid + b"\x02" + _der(0xA0, data, open_length=in_pieces), open_length=in_pieces)
    body = base64.encodebytes(whole).decode()
    head = f'{HEAD}Content-Type: application/pkcs7-mime; name="smime.p7m"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    found = parse((head + body).encode())
    assert found.text.strip() == "Подписанный вопрос" and found.parts[0].name == "smime.p7m"
    for cut in range(0, len(whole), 7):
        parse((head + base64.encodebytes(whole[:cut]).decode()).encode())


RTF = (
    r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fnil\fcharset204 Arial;}{\f1\fnil\fcharset0 Times;}}"
    r"{\colortbl;\red255\green0\blue0;}{\*\generator Msftedit 5.41;}{\info{\author Vera}}\viewkind4\uc1\pard\lang1049"
    r"\f0\fs20 \'cf\'f0\'ee\'f8\'f3 {\b \'ee\'f2\'ea\'f0\'fb\'f2\'fc} \u1076?\u1086?\u1089?\u1090?\u1091?\u1087?\par"
    r"\f1\cell {\field{\*\fldinst{HYPERLINK http://x.example}}{\fldrslt \{here\}}}{\pict\pngblip 89504e47}\par}"
)


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        ("application/rtf", RTF, "Прошу открыть доступ\n\t{here}"),
        ("text/rtf; name=message.rtf", RTF, "Прошу открыть доступ\n\t{here}"),
        ("text/richtext", RTF, "Прошу открыть доступ\n\t{here}"),
        (
            "text/rtf",
            r"{\rtf1\fromhtml1{\*\htmltag84 <b>}\htmlrtf {\b\htmlrtf0 Hello\htmlrtf }\htmlrtf0 you}",
            "Helloyou",
        ),
        (
            "application/json",
            r'{"name": "\u0410\u043d\u043d\u0430", "message": "Не вижу отчёт"}',
            '{\n  "name": "Анна",\n  "message": "Не вижу отчёт"\n}',
        ),
        ("application/ld+json", '{"a": ', '{"a": '),
        ("application/xml", "<?xml version='1.0'?><form><name>Анна</name><text>Не вижу</text></form>", "Анна\nНе вижу"),
        (
            "application/x-www-form-urlencoded",
            "name=%D0%90%D0%BD%D0%BD%D0%B0&text=No+report",
            "name: Анна\ntext: No report",
        ),
        ("application/octet-stream", "Не печатает принтер.", "Не печатает принтер."),
        ("text/csv", "кабинет;принтер\n12;нет", "кабинет;принтер\n12;нет"),
    ],
)
def test_a_mail_that_is_nothing_but_a_document_gives_its_words(kind: str, body: str, words: str) -> None:
    alone = parse(f"{HEAD}Content-Type: {kind}\r\n\r\n{body}\r\n".encode())
    assert alone.text.strip("\n") == words.strip("\n")
    raw = f"{HEAD}Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n \r\n"
    beside = parse(f"{raw}--b\r\nContent-Type: {kind.partition(';')[0]}\r\n\r\n{body}\r\n--b--\r\n".encode())
    assert beside.text.strip("\n") == words.strip("\n")


@pytest.mark.parametrize("body", ["\x00\x01\x02\x03binary", "{\\rtf1 {\\pict 00}}", ""])
def test_a_document_without_words_is_a_file(body: str) -> None:
    found = parse(f"{HEAD}Content-Type: application/octet-stream; name=a.bin\r\n\r\n{body}\r\n".encode())
    assert not found.text.strip() and len(found.parts) == 1


def test_a_document_that_is_attached_stays_a_file() -> None:
    raw = f"{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n \r\n"
    for head in ('Content-Disposition: attachment; filename="a.rtf"', "X-A: b"):
        found = parse(f"{raw}--b\r\nContent-Type: application/rtf; name=a.rtf\r\n{head}\r\n\r\n{RTF}\r\n--b--".encode())
        assert not found.text.strip() and [part.name for part in found.parts] == ["a.rtf"]


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ('Имя: <input value="Анна"><input type=hidden value=x><input type=password value=y>', "Имя: Анна"),
        ("<textarea>Не вижу\nотчёт</textarea>", "Не вижу\nотчёт"),
        ("<select><option>Ошибка<option selected>Вопрос</select>", "Вопрос"),
        ("<select><option>Ошибка<option>Вопрос</select>", "Ошибка"),
        ("<input type=checkbox checked> Срочно <input type=radio> Нет", "[x] Срочно [ ] Нет"),
        ("<button>Не работает <b>вход</b></button>", "Не работает вход"),
    ],
)
def test_words_in_the_fields_of_a_form_are_words(html: str, words: str) -> None:
    assert alternative("", f"<form>{html}</form>").text.strip() == words
    shown = " ".join(words.split())
    assert " ".join(alternative("", f"<table><tr><td>1</td><td>{html}</td></tr></table>").text.split()) == f"1 {shown}"


@pytest.mark.parametrize(
    ("plain", "html"),
    [
        ("Здравствуйте! Прошу продлить доступ Петрову.", "<p>Здравствуйте! Прошу закрыть доступ Иванову.</p>"),
        ("Заявка номер пять, кабинет двенадцать.", "<p>Заявка номер пять, кабинет двенадцать. Пароль забыт вчера.</p>"),
        ("Да", "<p>Нет, никогда</p><blockquote>Старое</blockquote>"),
    ],
)
def test_two_forms_that_differ_are_both_shown(plain: str, html: str) -> None:
    found = alternative(plain, html)
    for said in (found.text, found.reply_text):
        assert plain in said and html.partition("</p>")[0].removeprefix("<p>") in said


@pytest.mark.parametrize(
    ("plain", "html"),
    [
        (
            "Смотрите https://site.example/a?b=1 и *пере- носы*.",
            "<p>Смотрите <a href='https://x.example'>и</a> переносы.</p>",
        ),
        (
            "Да.\n> Прошлые слова здесь",
            "<p>Да.</p><blockquote>Прошлые слова здесь, и ещё очень много других</blockquote>",
        ),
        ("Один два три четыре пять шесть семь восемь", "<p>Один два три четыре пять шесть семь восемь девять</p>"),
    ],
)
def test_the_same_in_two_forms_is_shown_once(plain: str, html: str) -> None:
    assert alternative(plain, html).text.strip() == plain


@pytest.mark.parametrize(
    "html",
    [
        "<html><head><title>Не работает вход</title><style>a{}</style></head><body><script>x()</script></html>",
        "<!--[if mso]><p>Не работает вход</p><![endif]--><!-- не это -->",
        "<iframe srcdoc='&lt;p&gt;Не работает вход&lt;/p&gt;'></iframe>",
    ],
)
def test_html_that_shows_nothing_gives_its_last_words(html: str) -> None:
    assert alternative("", html).text.strip() == "Не работает вход"
    shown = alternative("", f"<p>Видно</p>{html}").text
    assert shown.strip() == "Видно"


@pytest.mark.parametrize(
    ("plain", "html", "text"),
    [
        ("Срок до 5 мая.", "<p>Срок до 15 мая.</p>", "Срок до 5 мая.\n\nСрок до 15 мая."),
        ("Не открывается журнал.", "<p>Не открывается журнал.</p><p>Срочно!</p>", "Не открывается журнал.\n\nСрочно!"),
        ("Один\nДва", "<ol><li>Один<li>Два</ol>", "Один\nДва"),
        ("ок", "<p>Хорошо, вот снимок</p>", "ок\n\nХорошо, вот снимок"),
    ],
)
def test_a_number_or_a_line_more_is_not_hidden(plain: str, html: str, text: str) -> None:
    assert alternative(plain, html).text.strip() == text


@pytest.mark.parametrize(
    "plain", ["Версия 121", "Версия 121\n\n29.11.2026 12:05, desk пишет:\n> Укажите версию браузера."]
)
@pytest.mark.parametrize(
    "quote",
    [
        "<p>29.11.2026 12:05, desk &lt;d@desk.test&gt;:</p><blockquote>Укажите версию браузера.</blockquote>",
        (
            "<p>From: desk<br>Sent: Sunday, November 29, 2026 12:05 PM<br>To: Vera<br>Subject: №5</p>"
            "<p>Укажите версию браузера.</p>"
        ),
    ],
)
def test_what_introduces_a_quotation_of_the_html_is_no_word(plain: str, quote: str) -> None:
    assert alternative(plain, f"<p>Версия 121</p>{quote}").reply_text.strip() == "Версия 121"
    more = alternative(plain, f"<p>Версия 121</p><p>Срочно!</p>{quote}").reply_text.split()
    assert sorted(more) == ["121", "Версия", "Срочно!"]


def test_a_task_gives_its_time() -> None:
    task = (
        "BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nSUMMARY:Сдать отчёт\r\nDUE:20261201T103000\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
    )
    found = parse(f"{HEAD}Content-Type: text/calendar; charset=utf-8\r\n\r\n{task}".encode())
    assert found.text == "Сдать отчёт\n01.12.2026 10:30"
