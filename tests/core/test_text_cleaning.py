"""Cleaning of texts and names at every entry: NFC, no NUL, no lone surrogate, LF line ends."""

import time

import pytest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.test import RequestFactory

from otklik.core.request_cleaning import clean_addresses, clean_forms
from otklik.core.text_cleaning import entered, file_name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Зашёл", "Зашёл"),
        ("\u0438\u0306огурт \u0435\u0308", "йогурт ё"),
        ("a\x00b\x00", "ab"),
        ("a\ud800b\udfff", "a\ufffdb\ufffd"),
        ("a\r\nb\rc\n", "a\nb\nc\n"),
        ("\u202eabc\u200f", "\u202eabc\u200f"),
        ("", ""),
    ],
)
def test_words_are_kept_in_one_form(typed: str, kept: str) -> None:
    assert entered(typed) == kept and entered(kept) == kept


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("Счёт 12/24.pdf", "Счёт 12_24.pdf"),
        ("Счёт 12\\24.pdf", "Счёт 12_24.pdf"),
        ("и/или/либо.doc", "и_или_либо.doc"),
        ("AC/DC.mp3", "AC_DC.mp3"),
        ("C:\\dir\\name", "name"),
        ("c:/Users/Анна/акт.pdf", "акт.pdf"),
        ("C:\\fakepath\\скан.png", "скан.png"),
        ("/tmp/name", "name"),
        ("/tmp/name/..", "name"),
        ("C:\\dir\\name\\. .", "name"),
        ("\\\\server\\share\\x.doc", "x.doc"),
        ("~/x.doc", "x.doc"),
        ("./x.doc", "x.doc"),
        ("../../etc/passwd", "passwd"),
        ("file:///home/a/x.doc", "x.doc"),
        ("Снимок экрана (12).png", "Снимок экрана (12).png"),
        ("<1> & \"2\" 'x' 100%.txt", "<1> & \"2\" 'x' 100%.txt"),
        ("и\u0306.txt", "й.txt"),
        ("скан\u202egnp.exe", "сканgnp.exe"),
        ("\u200b.htaccess", ".htaccess"),
        ("a\x00\r\nb.txt", "a b.txt"),
        ("акт.pdf...  ", "акт.pdf"),
        ("..", ""),
        ("/", ""),
        (" ", ""),
        ("///", ""),
    ],
)
def test_the_name_of_a_file_stays_but_for_a_path_before_it(sent: str, name: str) -> None:
    assert file_name(sent) == name and file_name(name) == name


@pytest.mark.parametrize("pile", ["a" + "\u0301\u0323" * 500_000, "\u0323\u0301" * 500_000, "а\r\n" * 400_000])
def test_a_pile_of_marks_takes_no_long_time(pile: str) -> None:
    start = time.process_time()
    assert entered(pile) and file_name(pile)
    assert time.process_time() - start < 5


def seen(request: HttpRequest) -> HttpRequest:
    found: list[HttpRequest] = []

    def look(request: HttpRequest) -> HttpResponse:
        found.append(request)
        return HttpResponse()

    clean_addresses(clean_forms(look))(request)
    return found[0]


def test_a_request_is_clean_before_a_page_sees_it() -> None:
    body = b"text=%D0%B8%CC%86%00%0D%0A&text=b&%D0%B8%CC%86=1&bad=%ED%A0%80%FF"
    sent = RequestFactory().post(
        "/x?filter=%D0%B8%CC%86%00&page=1", body, content_type="application/x-www-form-urlencoded"
    )
    sent.COOKIES["a"] = "b\x00"
    request = seen(sent)
    assert request.POST.getlist("text") == ["й\n", "b"] and request.POST["й"] == "1"
    assert not {"\x00", "\ud800"} & set("".join(request.POST.getlist("bad")))
    assert request.GET["filter"] == "й" and request.GET["page"] == "1" and request.COOKIES["a"] == "b"
    assert not request.POST._mutable and isinstance(request.GET, QueryDict)
    assert seen(RequestFactory().get("/x?%D0%B8%CC%86%00=1")).GET["й"] == "1", "the name alone is not clean"


def test_files_keep_their_names_and_bytes() -> None:
    head = 'Content-Disposition: form-data; name="f"; filename="{}"\r\nContent-Type: text/plain\r\n\r\n'
    names = ["Счёт 12/24.pdf", "C:\\dir\\a.txt", "Снимок (12).png", "a&amp;b.txt", "и\u0306.txt", " "]
    parts = [f"--x\r\n{head.format(name)}\x00bytes\r\n" for name in names]
    sent = RequestFactory().post(
        "/x", ("".join(parts) + "--x--\r\n").encode(), content_type="multipart/form-data; boundary=x"
    )
    files = seen(sent).FILES.getlist("f")
    assert [file.name for file in files] == [
        "Счёт 12_24.pdf", "a.txt", "Снимок (12).png", "a&amp;b.txt", "й.txt", "file"
    ]  # fmt: skip
    assert all(file.read() == b"\x00bytes" for file in files)
