"""Mended lines of letters that were read in a wrong charset."""

from otklik.mail.parse.mojibake import mended

SPOILT = "Привет, друг".encode().decode("cp1252")


def test_a_line_without_several_such_pairs_stays_as_it_is_beside_one_that_has_them() -> None:
    one_pair = "Я".encode().decode("latin-1")
    assert mended(f"{SPOILT}\n{one_pair}") == f"Привет, друг\n{one_pair}"
    assert mended(one_pair) == one_pair
