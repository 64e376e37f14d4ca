"""What is kept of a layout when an answer is cut out of it."""

from otklik.mail.parse.layout_trimming import _whole_tables


def test_a_table_is_kept_whole_from_half_of_its_rows_on() -> None:
    rows = ["a\tb", "c\td", "e\tf", "g\th"]
    assert _whole_tables(rows, [True, True, None, False]) == [True] * 4
    assert _whole_tables(rows, [True, None, None, False]) == [True, None, None, False]
    assert _whole_tables(["a", "c\td"], [None, True]) == [None, True]
