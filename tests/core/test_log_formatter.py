"""Log lines cannot be forged by strangers."""

import logging
import sys

import pytest

from otklik.core.log_formatter import OneLine

FORMAT = OneLine("%(levelname)s %(name)s %(message)s")


def line(message: str, *values: object, trace: bool = False) -> str:
    record = logging.LogRecord("otklik", logging.INFO, __file__, 1, message, values, sys.exc_info() if trace else None)
    return FORMAT.format(record)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a\r\nERROR forged", r"a\r\nERROR forged"),
        ("\x1b[2J\x1b]0;title\x07", r"\x1b[2J\x1b]0;title\x07"),
        ("a\u2028b\u2029c\x85d", r"a\u2028b\u2029c\x85d"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("tab\tnull\x00del\x7f", r"tab\tnull\x00del\x7f"),
    ],
)
def test_ab_64_what_a_stranger_wrote_stays_on_its_line(text: str, written: str) -> None:
    assert line("subject %s", text) == f"INFO otklik subject {written}"


def test_russian_text_is_left_as_it_is() -> None:
    assert line("«Ошибка» ёлки — 5 €") == "INFO otklik «Ошибка» ёлки — 5 €"


def test_ab_64_a_traceback_stays_on_the_line_of_its_message() -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        said = line("broke", trace=True)
    assert "\n" not in said
    assert said.startswith("INFO otklik broke | Traceback")
    assert said.endswith(r"ValueError: first\nsecond")


def test_a_long_traceback_keeps_its_end() -> None:
    try:
        raise ValueError("x" * 9000 + "the end")
    except ValueError:
        said = line("broke", trace=True)
    assert said.endswith("the end")
    assert len(said) < 5000
