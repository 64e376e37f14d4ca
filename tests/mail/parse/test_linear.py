"""Parsing takes time linear in the mail's length (AB-94, RL-10)."""

import re
import time
import unicodedata

import pytest

from otklik.core.unicode_nfc import composed
from otklik.mail.parse import parse
from tests.linear import Use, modules, too_slow, uses

PACKAGES = ("otklik.core", "otklik.mail", "otklik.tickets", "otklik.intake", "otklik.people")
BOUND = {
    "mail.parse.reply.line_rules._ONLY_DEVICE": 160,  # is_sent_from: only lines of at most so many characters
    "tickets.search.query._NUMBER": 200,  # what is typed into a search box
}
"""Expressions that never see a longer text, and who sees to it."""

USES = {(use.name, use.method): use for name in PACKAGES for module in modules(name) for use in uses(module)}


@pytest.mark.parametrize("key", sorted(USES), ids=lambda key: f"{key[0]}.{key[1]}"[:80])
def test_ab_94_every_expression_takes_time_in_proportion_to_its_text(key: tuple[str, str]) -> None:
    slow = too_slow(USES[key], BOUND.get(key[0], 16_000))
    assert slow is None, slow


def test_ab_94_the_measure_finds_expressions_that_are_not_linear() -> None:
    for pattern in (
        r"x.{2,80}?\s*:?\s*-*\s*$",
        r'"((?:[^"\\]|\\.)*)"',
        r"=\?a\?q\?.{0,12000}?\?=",
        r"^[<>\s]+|[<>\s]+$",
    ):
        assert too_slow(Use("tried", re.compile(pattern, re.DOTALL), "search")), pattern


HEAD = b"From: a@a.example\r\nSubject: x\r\n"
TEXT = HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
PART = b'--b\r\nContent-Type: image/png; name="' + b"=?a?q?x" * 8_500 + b'"\r\n\r\nx\r\n'
SEEN = {
    "dashed": TEXT + (b"-aaa" + b" " * 1_990 + b"x\n") * 100,
    "dashed_title": TEXT + (b"- original" + b" " * 1_980 + b"x\n") * 100,
    "unclosed_quote_in_to": b'To: "' + b'\\"' * 31_000 + b"\r\n" + TEXT,
    "unclosed_quote_in_from": b'From: "' + b'\\"' * 31_000 + b"\r\n\r\nx",
    "marks": TEXT + ("a" + "\u0301\u0323" * 200_000).encode(),
    "marks_below": TEXT + ("a" + "\u0f71\u0f72" * 100_000).encode(),
    "marks_in_subject": b"Subject: " + ("a" + "\u0f71\u0f72" * 10_000).encode() + b"\r\n\r\nx",
    "open_words_in_names": HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + PART * 12,
    "open_words": b"".join(name + b": " + b"=?a?q?x" * 9_000 + b"\r\n" for name in (b"Subject", b"From", b"To"))
    + b"\r\nx",
    "no_boundary": HEAD + b"Content-Type: multipart/mixed\r\n\r\n--a" + b" " * 1_000_000,
    "tabs_before_base64": HEAD
    + b"Content-Transfer-Encoding: base64\r\n\r\nQUJD\n\n"
    + b"\t" * 200_000
    + b"A" * 200_000
    + b"\x01",
    "data_addresses_without_end": HEAD
    + b"Content-Type: text/html\r\n\r\n<p>x</p><img src='"
    + b" data:a/b;x" * 20_000
    + b"'>",
    "uuencode_blanks": TEXT + (b"begin 333\t" + b" " * 1_000 + b"x\n") * 500,
    "long_international_domain": b"From: a@" + "ä".encode() * 30_000 + b"\r\n\r\nx",
}


@pytest.mark.parametrize("name", SEEN)
def test_rl_10_a_mail_made_to_keep_the_reader_busy_is_read_in_seconds(name: str) -> None:
    started = time.process_time()
    parse(SEEN[name])
    assert time.process_time() - started < 1.5


def test_ab_94_a_pile_of_accents_is_cut_at_thirty_and_ordinary_words_are_left_alone() -> None:
    assert composed("и\u0306ш\u0308") == "йш\u0308"
    assert composed("a" + "\u0323" * 40 + "б") == unicodedata.normalize("NFC", "a" + "\u0323" * 30) + "б"


def test_a_quotation_mark_that_nothing_closes_is_plain_text() -> None:
    parsed = parse(b'To: "Ivan <ivan@a.example>, "Olga" <olga@a.example>, "Petr <petr@a.example>\r\n\r\nx')
    assert [one.address for one in parsed.to][-1] == "petr@a.example"
    assert parse(b'To: "Petr <petr@a.example>, olga@a.example\r\n\r\nx').to[1].address == "olga@a.example"
