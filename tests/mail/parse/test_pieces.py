"""Small decisions about parts of a mail, in both branches: names, positions, flowed text, mislabelled HTML."""

import base64

import pytest

from otklik.mail.parse import ParsedMail, limits, parse
from otklik.mail.parse.body import unflowed
from otklik.mail.parse.filename import short
from otklik.mail.parse.reply.signature import signature_lines

HEAD = "From: a@a.example\r\nTo: d@d.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"


def read(fields: str, body: str = "Слова") -> ParsedMail:
    return parse(f"{HEAD}{fields}\r\n{body}".encode())


def mixed(*parts: str, kind: str = "mixed") -> ParsedMail:
    body = "".join(f"--B\r\n{part}\r\n" for part in parts) + "--B--\r\n"
    return read(f"Content-Type: multipart/{kind}; boundary=B\r\n", body)


TEXT = "Content-Type: text/plain; charset=utf-8\r\n\r\nСлова"


@pytest.mark.parametrize(
    ("fields", "inline"),
    [
        ("Content-Disposition: inline\r\n", True),
        ("Content-ID: <p1>\r\n", True),
        ("Content-Disposition: inline\r\nContent-ID: <p1>\r\n", True),
        ("Content-Disposition: attachment\r\nContent-ID: <p1>\r\n", False),
        ("Content-Disposition: attachment\r\n", False),
        ("", False),
    ],
)
def test_what_stands_in_the_text_and_what_is_only_attached(fields: str, inline: bool) -> None:
    parsed = mixed(TEXT, f"Content-Type: image/png; name=a.png\r\n{fields}\r\nx")
    assert [part.inline for part in parsed.parts] == [inline]


@pytest.mark.parametrize(
    ("kind", "description", "name"),
    [
        ("application/pdf", "Счёт 12.pdf", "Счёт 12.pdf"),
        ("application/pdf", "счёт за ноябрь", ""),
        ("application/pdf", "x" * 250 + ".pdf", ""),
        ("text/csv", "таблица.csv", ""),
        ("message/rfc822", "письмо.eml", ""),
    ],
)
def test_a_description_is_a_name_where_it_looks_like_one(kind: str, description: str, name: str) -> None:
    inner = "Subject: s\r\n\r\nx" if kind == "message/rfc822" else "x"
    parsed = mixed(TEXT, f"Content-Type: {kind}\r\nContent-Description: {description}\r\n\r\n{inner}")
    assert [part.name for part in parsed.parts] == [name]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.pdf", "a.pdf"),
        ("x" * 30 + ".pdf", "x" * 15 + "….pdf"),
        ("x" * 16 + ".pdf", "x" * 16 + ".pdf"),
        ("x" * 30, "x" * 20),
        ("x" * 30 + ".twelve_signs", "x" * 6 + "….twelve_signs"),
        ("x" * 30 + ".thirteen_sign", "x" * 20),
        ("." + "x" * 30, "." + "x" * 19),
    ],
)
def test_a_long_name_keeps_a_short_ending(name: str, expected: str) -> None:
    assert short(name, 20) == expected and len(short(name, 20)) <= 20


def test_the_first_of_two_equal_parameters_counts() -> None:
    parsed = mixed(TEXT, "Content-Type: application/pdf; name=first.pdf; name=second.pdf\r\n\r\nx")
    assert [part.name for part in parsed.parts] == ["first.pdf"]


@pytest.mark.parametrize(
    ("typed", "delsp", "expected"),
    [
        ("один \nдва", False, "один два"),
        ("один \nдва", True, "одиндва"),
        ("один\nдва", False, "один\nдва"),
        ("> один \n> два", False, "> один \n> два"),
        ("один \n> два", False, "один \n> два"),
        (" один", False, "один"),
        ("  один", False, " один"),
        ("-- \nАнна", False, "-- \nАнна"),
        ("слова \n-- \nАнна", False, "слова \n-- \nАнна"),
    ],
)
def test_flowed_lines_are_joined(typed: str, delsp: bool, expected: str) -> None:
    assert unflowed(typed, delsp=delsp) == expected


@pytest.mark.parametrize(
    ("fields", "expected"), [("delsp=yes", "одиндва"), ("delsp=no", "один два"), ("x=y", "один два")]
)
def test_the_blank_of_a_flowed_line_goes_where_the_mail_says_so(fields: str, expected: str) -> None:
    parsed = read(f"Content-Type: text/plain; charset=utf-8; format=flowed; {fields}\r\n", "один \r\nдва")
    assert parsed.text.strip() == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("<html><body><p>Нет связи</p></body></html>", "Нет связи"),
        ("<html><body><p>Нет связи</p></body></html>\r\n  \r\n", "Нет связи"),
        (
            "<html><body><p>Нет связи</p></body></html>\r\nпочему так?",
            "<html><body><p>Нет связи</p></body></html>\nпочему так?",
        ),
        ("<html> и всё", "<html> и всё"),
    ],
)
def test_plain_text_that_is_html_by_mistake(typed: str, expected: str) -> None:
    parsed = read("Content-Type: text/plain; charset=utf-8\r\n", typed)
    assert parsed.text.strip() == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [("<p>Слова</p>", "Слова"), ("<p>Другое</p>", "Слова\n\nДругое"), ("<p> </p>", "Слова")],
)
def test_html_beside_plain_text_is_read_where_it_says_something_else(html: str, expected: str) -> None:
    parsed = mixed(TEXT, f"Content-Type: text/html; charset=utf-8\r\n\r\n{html}")
    lines = [line for line in parsed.text.split("\n") if line.strip()]
    assert lines == [line for line in expected.split("\n") if line]


EVENT = "BEGIN:VCALENDAR\r\nMETHOD:{}\r\nBEGIN:VEVENT\r\nSUMMARY:Разбор\r\n{}END:VEVENT\r\nEND:VCALENDAR\r\n"


def calendar(method: str, *fields: str) -> ParsedMail:
    body = EVENT.format(method, "".join(f"{field}\r\n" for field in fields))
    return read(f"Content-Type: text/calendar; charset=utf-8; method={method}\r\n", body)


@pytest.mark.parametrize(
    ("method", "fields", "machine"),
    [("REPLY", [], True), ("REPLY", ["COMMENT:Не могу"], False), ("REQUEST", [], False)],
)
def test_the_answer_to_an_invitation_is_a_machines_unless_it_has_a_remark(
    method: str, fields: list[str], machine: bool
) -> None:
    assert calendar(method, *fields).answers_itself is machine


@pytest.mark.parametrize(
    ("begin", "expected"),
    [
        ("DTSTART:20261204T143000Z", "04.12.2026 14:30 UTC"),
        ("DTSTART:20261204T143000", "04.12.2026 14:30"),
        ("DTSTART;VALUE=DATE:20261204", "04.12.2026"),
        ("DTSTART:скоро", ""),
    ],
)
def test_when_an_event_is(begin: str, expected: str) -> None:
    assert calendar("REQUEST", begin).text.strip().split("\n")[1:] == ([expected] if expected else [])


def test_a_signed_block_that_was_cut_is_a_file_and_no_words() -> None:
    oid_signed, oid_data = bytes.fromhex("06092a864886f70d010702"), bytes.fromhex("06092a864886f70d010701")
    inner = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + "Подписано".encode()

    def block(tag: int, content: bytes) -> bytes:
        return bytes([tag, 0x82]) + len(content).to_bytes(2, "big") + content

    data = block(0x30, oid_data + block(0xA0, block(0x04, inner)))
    whole = block(0x30, oid_signed + block(0xA0, block(0x30, b"\x02\x01\x01" + block(0x31, b"") + data)))
    for der, said in ((whole, "Подписано"), (whole[:-4], "")):
        code = base64.encodebytes(der).decode().replace("\n", "\r\n")
        parsed = read(
            "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n"
            "Content-Transfer-Encoding: base64\r\n",
            code,
        )
        assert parsed.text.strip() == said and [part.name for part in parsed.parts] == ["smime.p7m"]


def test_a_signature_is_a_short_block() -> None:
    for number, gone in ((8, 9), (9, 0)):
        lines = ["Готово.", "", "-- ", *(f"Отдел {n}" for n in range(number))]
        assert len(signature_lines(lines)) == gone


def test_so_many_files_are_taken_out_of_html() -> None:
    pictures = "".join(f"<img src='data:image/png;base64,{base64.b64encode(bytes([1, n % 250, n // 250])).decode()}'>"
                       for n in range(limits.ATTACHMENTS + 40))  # fmt: skip
    parsed = read("Content-Type: text/html; charset=utf-8\r\n", f"<p>Верх</p>{pictures}<p>Низ</p>")
    assert len(parsed.parts) == limits.ATTACHMENTS and parsed.truncated
    assert "Верх" in parsed.text and "Низ" in parsed.text and "base64" not in (parsed.html or "")
