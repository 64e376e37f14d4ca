"""One defective part does not spoil the mail: lines in another charset, contradicting declarations."""

import base64
import quopri

import pytest

from otklik.mail.parse import parse
from otklik.mail.parse.charset import codec_name, decode

WORDS = "Добрый день, коллеги! Прошу открыть доступ к реестру.\n"
FOOTER = "Внимание: письмо пришло из внешней сети.\n"
HEAD = b"From: a@a.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
CYRILLIC = ["cp1251", "koi8_r", "cp866", "iso8859_5"]


def text_of(fields: str, body: bytes) -> str:
    return parse(HEAD + fields.encode() + b"\r\n\r\n" + body).text


@pytest.mark.parametrize("label", ["utf-8", "", "us-ascii", "iso-8859-1", "windows-1251"])
@pytest.mark.parametrize("other", CYRILLIC)
def test_a_line_that_is_no_utf_8_is_guessed_alone(other: str, label: str) -> None:
    assert decode((WORDS * 3).encode() + FOOTER.encode(other) + WORDS.encode(), label) == WORDS * 3 + FOOTER + WORDS


@pytest.mark.parametrize("declared", CYRILLIC)
@pytest.mark.parametrize("other", [*CYRILLIC, "utf_8"])
def test_a_line_of_another_charset_in_one_of_single_bytes(declared: str, other: str) -> None:
    data = (WORDS * 3).encode(declared) + FOOTER.encode(other) + WORDS.encode(declared)
    assert decode(data, declared) == WORDS * 3 + FOOTER + WORDS


@pytest.mark.parametrize(
    ("label", "western"), [("iso-8859-1", "cp1252"), ("windows-1252", "cp1252"), ("iso-8859-15", "iso8859_15")]
)
def test_a_russian_footer_below_a_western_mail(label: str, western: str) -> None:
    words = "Bonjour, l'été à Noël, ça va très bien.\nVoilà, déjà là.\n"
    assert decode(words.encode(western) + FOOTER.encode("cp1251"), label) == words + FOOTER
    assert decode(words.encode(western), label) == words


def test_a_mail_in_an_eastern_charset_keeps_it() -> None:
    words = "中文内容测试文件，请查收。\n"
    assert decode(words.encode("gbk") * 3 + WORDS.encode(), "gb2312") == words * 3 + WORDS
    assert decode(words.encode("gbk") * 3, "gb2312") == words * 3


def test_a_wrong_byte_spoils_a_letter_only() -> None:
    assert decode("Привет, обрывок сло".encode() + b"\xd0", "utf-8") == "Привет, обрывок сло\ufffd"
    data = "Привет, ~мир@ и дело #5".encode().translate(bytes.maketrans(b"~@#", b"\xab\xbb\xb9"))
    assert decode(data, "utf-8") == "Привет, «мир» и дело №5"
    assert decode("Имя: ".encode() + "отчёт".encode("cp1251") + " за ноябрь".encode(), "utf-8") == (
        "Имя: отчёт за ноябрь"
    )
    assert decode("Grüße\n".encode() + "Straße über Äpfel\n".encode("cp1252"), "utf-8") == "Grüße\nStraße über Äpfel\n"


def test_html_in_one_line_is_read_in_pieces() -> None:
    html = "<p>Текст письма</p>".encode() * 3 + f"<p>{FOOTER.strip()}</p></html>".encode("cp1251")
    found = text_of("Content-Type: text/html; charset=utf-8", html)
    assert found.split("\n") == ["Текст письма", "", "Текст письма", "", "Текст письма", "", FOOTER.strip()]


@pytest.mark.parametrize("real", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("label", ["utf-16", "utf-16le", "utf-16be", "utf-8", "", "windows-1251"])
def test_two_bytes_a_letter_are_told_by_the_bytes(real: str, label: str) -> None:
    assert decode(WORDS.encode(real), label) == WORDS


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"])
@pytest.mark.parametrize("label", ["utf-16", "utf-32", "windows-1251", "utf-8"])
def test_labels_and_marks_of_wide_letters_are_not_believed_blindly(label: str, mark: bytes) -> None:
    assert decode(mark + WORDS.encode("cp1251"), label) == WORDS
    assert decode(mark + b"Hello there\n", label) == "Hello there\n"


def test_headers_and_file_names_are_mended_too() -> None:
    mixed = "Отчёт ".encode() + "за ноябрь".encode("cp1251")
    word = b"=?utf-8?b?" + base64.b64encode(mixed) + b"?="
    file = b"Content-Type: text/plain\r\nContent-Disposition: attachment; filename="
    for name in (b'"' + mixed + b'.txt"', b'"' + word + b'.txt"'):
        found = parse(b"From: a@a.example\r\nSubject: " + word + b"\r\n" + file + name + b"\r\n\r\nx")
        assert found.subject == "Отчёт за ноябрь"
        assert [part.name for part in found.parts] == ["Отчёт за ноябрь.txt"]


PLAIN = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "


@pytest.mark.parametrize(
    ("encoding", "body", "words"),
    [
        ("base64", WORDS.encode(), WORDS),
        ("base64", b"Hello there, my friend\nplease open the door\n", "Hello there, my friend\nplease open the door"),
        ("8bit", base64.encodebytes(WORDS.encode() * 2), WORDS * 2),
        ("7bit", quopri.encodestring(WORDS.encode() * 2), WORDS * 2),
        ("unknown", quopri.encodestring(WORDS.encode() * 2), WORDS * 2),
        ("quoted-printable", f"{WORDS}http://x.example/?a=20&b=AB\n".encode(), f"{WORDS}http://x.example/?a=20&b=AB"),
        (
            "base64",
            base64.encodebytes(WORDS.encode()) + b"\n-- \nA list of somebody\n",
            f"{WORDS}\n\n-- \nA list of somebody",
        ),
    ],
)
def test_an_encoding_that_the_bytes_contradict_is_not_undone(encoding: str, body: bytes, words: str) -> None:
    assert text_of(PLAIN + encoding, body).strip() == words.strip()


@pytest.mark.parametrize(
    "words", ["a=1 b=AB c=D0 =) x == y\n", "MIICXDCCAcUCAQAwdDELMAkGA1UEBhMCUlUxDzANBgNVBAgTBk1vc2Nvd=\n"]
)
def test_words_that_only_look_encoded_stay(words: str) -> None:
    assert text_of(PLAIN + "7bit", words.encode()).strip() == words.strip()


def test_a_type_that_the_content_contradicts() -> None:
    assert text_of("Content-Type: text/html; charset=utf-8", b"one\r\ntwo & three\r\n").strip() == "one\ntwo & three"
    found = parse(HEAD + b"Content-Type: text/plain\r\n\r\n\x89PNG\r\n\x1a\n\x00\x01")
    assert [part.content_type for part in found.parts] == ["image/png"] and not found.text


def test_the_source_of_a_page_with_words_below_it_is_typed_text() -> None:
    source = "<html>\n<b>Имя</b> > 5\n</HTML>"
    assert text_of(PLAIN + "8bit", f"{source}\n".encode()).strip() == "Имя > 5"
    assert (
        text_of(PLAIN + "8bit", f"{source}\n\nТак выглядит страница".encode()) == f"{source}\n\nТак выглядит страница"
    )


def test_a_boundary_begins_a_line() -> None:
    """Whatever precedes it within the line: text, or the boundary itself."""
    for line in ("words --B", "--B--B", "--B --B"):
        body = f"--B\r\nContent-Type: text/plain\r\n\r\none\r\n{line}\r\ntwo\r\n--B--\r\n"
        parsed = parse(HEAD + b'Content-Type: multipart/mixed; boundary="B"\r\n\r\n' + body.encode())
        assert parsed.text.split() == ["one", *line.split(), "two"] and not parsed.parts


def test_letters_in_two_halves_are_joined() -> None:
    halves = "👍".encode("utf-16", "surrogatepass")[2:]
    cesu = "".join(chr(int.from_bytes(halves[i : i + 2], "little")) for i in (0, 2)).encode("utf-8", "surrogatepass")
    for kind in ("text/plain; charset=utf-8", "text/plain", "text/plain; charset=windows-1251"):
        raw = f"Content-Type: {kind}\r\n\r\nСпасибо ".encode() + cesu + b"\xc0\x80 " + "большое".encode()
        assert parse(raw).text.strip() == "Спасибо 👍 большое"


@pytest.mark.parametrize("codec", ["utf-8", "windows-1251", "koi8-r"])
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_an_encoding_that_was_done_twice_is_undone_twice(codec: str, kind: str) -> None:
    words = "Не печатает принтер на втором этаже, помогите, пожалуйста, очень ждём ответа."
    body = (f"<p>{words}</p>" if kind == "html" else words).encode(codec)
    quoted = quopri.encodestring(body)
    for encoded in (
        base64.encodebytes(base64.encodebytes(body)),
        base64.encodebytes(quoted),
        base64.encodebytes(base64.b64encode(base64.encodebytes(body))),
    ):
        head = f"Content-Type: text/{kind}; charset={codec}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        assert parse(head.encode() + encoded).text.strip() == words


@pytest.mark.parametrize("codec", ["latin-1", "cp1252", "cp1251"])
def test_utf_8_that_was_read_wrongly_and_written_again_is_readable(codec: str) -> None:
    def shown(byte: int) -> str:
        try:
            return bytes([byte]).decode(codec)
        except UnicodeDecodeError:
            return chr(byte)

    for words in (WORDS.strip(), "Нет И «Р» — ёлка, №5", "Прив, all right: счёт"):
        wrong = "".join(shown(byte) for byte in words.encode())
        fields = "Content-Type: text/plain; charset=utf-8"
        assert text_of(fields, f"{wrong}\r\nВторая строка".encode()) == f"{words}\nВторая строка"
        subject = base64.b64encode(wrong.encode()).decode()
        assert parse(f"Subject: =?utf-8?b?{subject}?=\r\n\r\nx".encode()).subject == words


@pytest.mark.parametrize("words", ["Ñandú Ðuro, élève où ça", "РС РЎ СССР РФ", "«РџС» — так пишут", "СЃ РЁ"])
def test_words_that_only_look_garbled_stay(words: str) -> None:
    assert text_of("Content-Type: text/plain; charset=utf-8", words.encode()) == words


def test_marks_of_byte_order_and_letters_as_numbers_are_no_words() -> None:
    words = "Не печатает принтер"
    fields = "Content-Type: text/plain; charset=utf-8"
    assert text_of(fields, b"\xef\xbb\xbf" * 2 + words.encode()) == words
    assert text_of(fields, "".join(f"&#{ord(char)};" for char in words).encode()) == words
    for typed in ("&#1055; — это П", "&#1055;&#1056; &amp; &lt;"):
        assert text_of(fields, typed.encode()) == typed


@pytest.mark.parametrize("label", ["iso-8859-1", "windows-1252", "us-ascii", "utf-8"])
@pytest.mark.parametrize(
    "words",
    [
        "Здравствуйте, всё работает.",
        "Прошу закрыть заявку. Спасибо, Ян Юрьевич.",
        "Чек № 5 «Ромашка» — оплачен, Эля.",
        "Здравствуйте, в кабинете 5 и у входа всё с утра работает.",
    ],
)
def test_a_short_russian_text_under_a_wrong_label_is_russian(words: str, label: str) -> None:
    """A short text with rare letters: words entirely outside ASCII are neither a Western language nor from a Mac."""
    assert decode(words.encode("cp1251"), label) == words


@pytest.mark.parametrize(
    "words", ["Ça va à Noël? Été, où, dès, là.", "Ñandú: ¡Él! Ó «sí»", "Ärger über Öl, größte Fülle."]
)
def test_a_short_western_text_stays_western(words: str) -> None:
    assert decode(words.encode("cp1252"), "iso-8859-1") == words


@pytest.mark.parametrize("words", ["Всё", "Жду. Эмма", "Здравствуйте, ещё раз", "Чек «Ян» №5", "Эхо"])
@pytest.mark.parametrize("codec", ["cp1251", "koi8_r"])
def test_a_few_raw_russian_words_are_russian(words: str, codec: str) -> None:
    """In a subject, a file name, or one line of a UTF-8 text."""
    if "№" in words and codec == "koi8_r":
        words = words.replace("№", "").replace("«", "").replace("»", "")
    raw = HEAD.replace(b"Subject: x", b"Subject: " + words.encode(codec))
    assert parse(raw + b"\r\nx").subject == words
    assert decode("Верх.\n".encode() + words.encode(codec) + "\nНиз.".encode(), "utf-8") == f"Верх.\n{words}\nНиз."


@pytest.mark.parametrize("words", ["Їжак не друкує", "Є їжа? Ще є", "Є питання щодо звіту, їх 5"])
def test_a_few_raw_ukrainian_words_are_ukrainian(words: str) -> None:
    for label in ("", "us-ascii", "iso-8859-1"):
        assert decode(words.encode("cp1251"), label) == words


@pytest.mark.parametrize("words", ["打印机", "打印机坏了"])
def test_a_few_bytes_are_not_guessed_to_be_two_a_letter(words: str) -> None:
    data = f"{words}\r\n".encode("gbk")
    assert decode(data) not in {data.decode("utf_16_be", "replace"), data.decode("utf_16_le", "replace")}


def test_a_subject_and_a_file_name_in_another_dress_are_readable() -> None:
    word = "=?utf-8?B?" + base64.b64encode("Сбой входа".encode()).decode() + "?="
    twice = "=?us-ascii?Q?" + quopri.encodestring(word.encode(), header=True).decode().replace("?", "=3F") + "?="
    numbers = "".join(f"&#{ord(char)};" for char in "Сбой") + " VPN"
    for written, read in ((twice, "Сбой входа"), (numbers, "Сбой VPN"), ("Код &#39;x&#39;", "Код &#39;x&#39;")):
        assert parse(HEAD.replace(b"Subject: x", b"Subject: " + written.encode()) + b"\r\nx").subject == read
    for written, read in (
        ("%D0%90%D0%BA%D1%82.pdf", "Акт.pdf"),
        ("50%25.pdf", "50%25.pdf"),
        ("a%C0%EA.pdf", "a%C0%EA.pdf"),
    ):
        fields = f'Content-Type: application/pdf; name="{written}"\r\n\r\nx'
        assert parse(HEAD + fields.encode()).parts[0].name == read


FOOTERS = [
    "-- \nПодпись рассыльщика", "---\nFooter", "\nThis mail was scanned by AV",
    "____\nlist mailing list\nlist@x.example", "\nCe message a été vérifié.",
]  # fmt: skip


@pytest.mark.parametrize("footer", FOOTERS)
@pytest.mark.parametrize("words", ["Короткое.", "Длинное письмо в несколько строк. " * 9, "Ok, thanks"])
@pytest.mark.parametrize("above", [False, True])
def test_base64_with_readable_lines_beside_it_is_read_with_them(footer: str, words: str, above: bool) -> None:
    code, beside = base64.encodebytes(words.encode()), footer.encode()
    body = beside + b"\n" + code if above else code + beside
    text = text_of("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64", body)
    lines = [one.strip() for one in text.split("\n") if one.strip()]
    said, more = [words.strip()], [one.strip() for one in footer.split("\n") if one.strip()]
    assert lines == (more + said if above else said + more)


def test_words_that_claim_to_be_base64_stay() -> None:
    fields = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64"
    for words in ("Hello all,\nthanks a lot\nd41d8cd98f00b204e9800998ecf8427e\nBye bye.", "Да, всё верно.\nkeyboard"):
        assert text_of(fields, words.encode()).strip() == words


FEW_WORDS = [
    "НЕ РАБОТАЕТ ПРИНТЕР",
    "ЗАЯВКА НА ДОСТУП",
    "СРОЧНО НУЖЕН ПАРОЛЬ",
    "НЕТ СВЯЗИ",
    "Не работает принтер",
    "Отчёт за ноябрь",
    "Забыла пароль",
    "протокол комиссии",
    "ПОЛИС",
    "СРОЧНО",
    "ОЧЕРЕДЬ",
    "ПОДПИСЬ",
    "КАБЕЛЬ ПОРВАН",
    "снимок",
]


@pytest.mark.parametrize("label", ["windows-1251", "koi8-r"])
@pytest.mark.parametrize("codec", ["cp1251", "koi8_r"])
@pytest.mark.parametrize("words", FEW_WORDS)
def test_few_words_are_read_whatever_cyrillic_label_they_bear(words: str, codec: str, label: str) -> None:
    """Capital letters of one charset are small letters of the other."""
    assert decode(words.encode(codec), label) == words


@pytest.mark.parametrize("codec", ["cp1251", "koi8_r"])
@pytest.mark.parametrize("words", ["эх", "ФГБУ", "факс", "МЧС", "хаб", "щи", "Фух", "ЮЖД", "ГБУЗ НО", "агентство"])
def test_a_right_label_is_believed_where_few_letters_speak_against_it(words: str, codec: str) -> None:
    assert decode(words.encode(codec), codec) == words


@pytest.mark.parametrize("codec", ["cp1251", "koi8_r"])
@pytest.mark.parametrize(
    "words",
    [
        "ФГБНУ ФФОМС",
        "ЕГИСЗ",
        "ЦГСЭН",
        "ТФОМС РМИАЦ",
        "ЕЦП ФСБ",
        "ФОМС ФРМО",
        "ЛПУ ЭЦП",
        "КПП КЭП",
        "ЦРБ ЮФО",
        "ЦРБ ЭМК",
        "РЖД ЮФО ФРМР",
        "ТП СЗФО МУП",
    ],
)
def test_a_right_label_is_believed_of_abbreviations(words: str, codec: str) -> None:
    assert decode(words.encode(codec), codec) == words


@pytest.mark.parametrize("field", ["Subject: y", "From: boss@elsewhere.test", "Content-Type: text/html", "X-Loop: 1"])
def test_the_head_ends_at_the_empty_line_whatever_the_words_begin_with(field: str) -> None:
    mail = parse(f"From: a@b.test\r\nSubject: x\r\n\r\n{field}\r\nhello\r\n".encode())
    assert (mail.subject, mail.from_address, mail.from_malformed, mail.x_loop) == ("x", "a@b.test", False, "")
    assert mail.text.split("\n")[:2] == [field, "hello"]


@pytest.mark.parametrize(
    ("label", "text"),
    [("win", "Счёт"), ("1251", "Счёт"), ("cyrillic-windows", "Счёт"), ("koi", "Счёт"), ("x-mac-ukrainian", "Счёт")],
)
def test_names_of_charsets_that_no_register_has_are_known(label: str, text: str) -> None:
    codec = {"koi": "koi8-r", "x-mac-ukrainian": "mac-cyrillic"}.get(label, "cp1251")
    head = f"From: a@b.test\r\nContent-Type: text/plain; charset={label}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    assert parse(head.encode() + text.encode(codec)).text.strip() == text
    assert codec_name(label) == codec.replace("-", "_")


@pytest.mark.parametrize("blanks", [b" ", b"\t", b"   \t "])
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_blanks_that_a_way_added_behind_a_broken_line_are_none(blanks: bytes, newline: bytes) -> None:
    quoted = quopri.encodestring(WORDS.encode()).replace(b"=\n", b"=" + blanks + newline)
    fields = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable"
    assert text_of(fields, quoted) == WORDS


def test_base64_in_the_alphabet_for_links_is_read() -> None:
    fields = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64"
    said = "«»??>>~~ " + WORDS.strip()
    code = base64.urlsafe_b64encode(said.encode())
    assert b"-" in code or b"_" in code
    assert text_of(fields, code) == said
    # A boundary behind it is none of it.
    plain = base64.b64encode("Вера, да".encode())
    assert b"+" not in plain and b"/" not in plain
    assert text_of(fields, plain + b"\r\n--B_B--\r\n").startswith("Вера, да")
