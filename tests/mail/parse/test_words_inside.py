"""Text and pictures inside calendars, winmail.dat and SVG; and encrypted mails."""

import base64
import struct

import pytest

from otklik.mail.parse import ParsedMail, parse
from otklik.mail.rtf import written

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(251, 256)) * 9
HEAD = "From: a@a.example\r\nMIME-Version: 1.0\r\n"


def one(kind: str, body: bytes, fields: str = "") -> ParsedMail:
    code = base64.encodebytes(body).decode()
    return parse(f"{HEAD}{fields}Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n{code}".encode())


def event(*lines: str, method: str = "REQUEST") -> ParsedMail:
    inner = "\r\n".join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", "SUMMARY:Вебинар", *lines, "END:VEVENT", "END:VCALENDAR"])
    return one(f"text/calendar; charset=utf-8; method={method}", inner.encode())


def test_a_remark_on_an_invitation_is_a_word() -> None:
    found = event("COMMENT:Приду\\, но опоздаю", "DTSTART:20261210T080000Z", method="REPLY")
    assert "Приду, но опоздаю" in found.text and not found.answers_itself


@pytest.mark.parametrize(
    "line",
    [
        "X-ALT-DESC;FMTTYPE=text/html:<p>Нужен доступ\\, для <b>троих</b>.</p>",
        "DESCRIPTION:<html><body><p>Нужен доступ\\, для <b>троих</b>.</p></body></html>",
        "DESCRIPTION:Нужен доступ\\, для троих.\r\nX-ALT-DESC;FMTTYPE=text/html:<p>Не то</p>",
    ],
)
def test_a_description_of_html_is_read(line: str) -> None:
    found = event(line, "URL:https://meet.example/77")
    assert found.text.split("\n") == ["Вебинар", "Нужен доступ, для троих.", "https://meet.example/77"]
    assert event("DESCRIPTION:Если a<b\\, то 5 < 7").text.endswith("Если a<b, то 5 < 7")


def test_rtf_that_is_stored_unpacked_in_winmail_is_read() -> None:
    rich = written("Не печатается протокол, ошибка 32.")
    stored = struct.pack("<II4sI", len(rich) + 12, len(rich), b"MELA", 0) + rich
    stored += b"\0" * (-len(stored) % 4)
    values = struct.pack("<IHHII", 1, 0x102, 0x1009, 1, len(stored)) + stored
    attribute = struct.pack("<BHHI", 1, 0x9003, 6, len(values)) + values + b"\0\0"
    found = one("application/ms-tnef", b"\x78\x9f\x3e\x22\0\0" + attribute)
    assert found.text == "Не печатается протокол, ошибка 32."


@pytest.mark.parametrize(
    "written_as",
    [
        "<img src='data:image/svg+xml;utf8,{0}'>",
        '<img src="data:image/svg+xml;charset=utf-8,{1}">',
        '<img src=\'data:image/svg+xml,%3Csvg xmlns="x" a="5"%3E%3Ctext%3Eё%3C/text%3E%3C/svg%3E\'>',
        "<div style='background:url(\"data:image/svg+xml;utf8,{2}\")'>a</div>",
    ],
)
@pytest.mark.parametrize("charset", ["utf-8", "windows-1251"])
def test_a_drawn_picture_in_the_html_is_a_file(written_as: str, charset: str) -> None:
    drawn = '<svg xmlns="x" a="5"><text>ё</text></svg>'
    forms = (drawn, drawn.replace('"', "&quot;"), drawn.replace('"', "&quot;").replace("<", "%3C"))
    html = f"<p>Верх</p>{written_as.format(*forms)}<p>Низ</p>"
    found = one(f"text/html; charset={charset}", html.encode(charset))
    assert [part.content.decode() for part in found.parts if charset == "utf-8"] == [drawn] * (charset == "utf-8")
    assert len(found.parts) == 1 and found.parts[0].content.startswith(b"<svg xmlns") and found.text.endswith("Низ")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<svg><title>t</title><text>Схема <tspan>5</tspan></text><text>цеха</text></svg>", "Схема 5\nцеха"),
        ("<noscript>Дата: 12 мая</noscript>", "Дата: 12 мая"),
        ("<object data='x.swf'>Схема цеха</object>", "Схема цеха"),
        ("<video src='x'>Видео: https://v.example/1</video>", "Видео: https://v.example/1"),
    ],
)
def test_words_that_readers_of_mail_show_are_words(html: str, text: str) -> None:
    found = one("text/html; charset=utf-8", f"<p>Верх</p>{html}<p>Низ</p>".encode())
    assert [line for line in found.text.split("\n") if line] == ["Верх", *text.split("\n"), "Низ"]


def enveloped(oid: str) -> bytes:
    inner = bytes.fromhex(oid) + b"\xa0\x02\x30\x00"
    return bytes([0x30, len(inner)]) + inner


@pytest.mark.parametrize("oid", ["06092a864886f70d010703", "060b2a864886f70d0109100117"])
def test_an_encrypted_mail_is_called_so(oid: str) -> None:
    assert one('application/pkcs7-mime; name="smime.p7m"', enveloped(oid)).encrypted
    assert one('application/octet-stream; name="smime.p7m"', enveloped(oid)).encrypted
    assert not one('application/pkcs7-mime; name="smime.p7m"', enveloped("06092a864886f70d010702")).encrypted
    parts = "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b\r\n"
    raw = f"{HEAD}Content-Type: multipart/encrypted; boundary=b\r\n\r\n{parts}"
    assert parse(f"{raw}Content-Type: application/octet-stream\r\n\r\n-----BEGIN PGP\r\n--b--".encode()).encrypted
    assert not parse(f"{HEAD}\r\nСлова".encode()).encrypted
    assert parse(f"{HEAD}\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----".encode()).encrypted


def test_blanks_that_html_shows_stand_in_the_text() -> None:
    html = "<p>Код:</p><pre>if x:\n    y()\n\tz  = 5\n</pre><p>  конец  </p>"
    assert "if x:\n    y()\n\tz  = 5" in one("text/html; charset=utf-8", html.encode()).text


def test_a_short_text_that_is_all_that_is_attached_is_read() -> None:
    def mail(words: str, *files: str) -> ParsedMail:
        parts = [f"Content-Type: text/plain; charset=utf-8\r\n\r\n{words}"]
        for number, said in enumerate(files):
            named = f'Content-Disposition: attachment; filename="{number}.txt"'
            parts.append(f"Content-Type: text/plain; charset=utf-8\r\n{named}\r\n\r\n{said}")
        body = "".join(f"--b\r\n{part}\r\n" for part in parts)
        return parse(f"{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n{body}--b--".encode())

    alone = mail("", "Ошибка 17 в кабинете 5")
    assert alone.text == "Ошибка 17 в кабинете 5" and [part.name for part in alone.parts] == ["0.txt"]
    assert mail("Вот:", "Ошибка 17").text.strip() == "Вот:" and not mail("", "один", "два").text.strip()
    assert not mail("", "строка журнала\r\n" * 2000).text.strip()


def test_a_list_in_a_list_stands_further_in() -> None:
    html = "<ol><li>один<ul><li>раз</li><li>два<ul><li>три</li></ul></li></ul></li><li>второй</li></ol>"
    lines = [line for line in one("text/html; charset=utf-8", html.encode()).text.split("\n") if line]
    assert lines == ["1. один", "  * раз", "  * два", "    * три", "2. второй"]


def test_a_mail_with_an_encrypted_document_is_not_encrypted_itself() -> None:
    document = base64.b64encode(enveloped("06092a864886f70d010703")).decode()
    parts = "--b\r\n\r\nДоговор во вложении\r\n--b\r\nContent-Type: application/pkcs7-mime; name=dogovor.pdf.p7m\r\n"
    raw = f"{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n{parts}Content-Transfer-Encoding: base64\r\n\r\n"
    found = parse(f"{raw}{document}\r\n--b--".encode())
    assert (found.text.strip(), found.encrypted) == ("Договор во вложении", False)
    assert parse(f"{raw}{document}\r\n--b--".replace("dogovor.pdf.p7m", "smime.p7m").encode()).encrypted


@pytest.mark.parametrize(
    "head",
    [
        "data:image/png&#59;base64&#44;",
        "data&colon;image&sol;png&semi;base64&comma;",
        "data&#x3A;image/png;base64,",
        "data:image/png;charset=&quot;utf-8&quot;;base64,",
    ],
)
def test_the_signs_of_a_picture_in_the_html_may_be_references(head: str) -> None:
    encoded = base64.b64encode(PICTURE).decode()
    for body in (encoded, encoded.replace("+", "&#43;").replace("=", "&#61;"), f"{encoded[:20]}&#10;{encoded[20:]}"):
        found = one("text/html; charset=utf-8", f'<p>Верх</p><img src="{head}{body}"><p>Низ</p>'.encode())
        assert [part.content for part in found.parts] == [PICTURE] and found.text.split() == ["Верх", "Низ"]


def test_words_about_data_stay() -> None:
    found = one("text/html; charset=utf-8", "<p>Поле data&colon;x, (data&amp;time), data&lt;5</p>".encode())
    assert found.text == "Поле data:x, (data&time), data<5" and not found.parts
