"""Multi-line fields keep leading blanks."""

import pytest

from otklik.core.multiline_field import LinesField


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("    ФИО     Дата\r\nИванов      01.02", "    ФИО     Дата\r\nИванов      01.02"),
        ("\n\n  \t\n  a\nb\n\n", "  a\nb"),
        ("\r\n\t1\t2\r\n3\t4 \r\n", "\t1\t2\r\n3\t4"),
        ("  одна строка  ", "одна строка"),
        ("\n  одна строка\n", "одна строка"),
        (" \n\t\r\n ", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_only_blank_lines_and_what_hangs_over_goes(typed: str | None, kept: str) -> None:
    assert LinesField(required=False).clean(typed) == kept
