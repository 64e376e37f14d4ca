"""Parsing of the agents' search box into pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otklik.tickets.search.typed import typed_pieces, without_signs


def read(typed: str) -> list[str]:
    """Return each piece with its signs: - absent, " phrase, * beginning."""
    return [
        "-" * piece.is_absent + '"' * piece.is_phrase + piece.text + "*" * piece.is_beginning
        for piece in typed_pieces(typed)
    ]


@pytest.mark.parametrize(
    ("typed", "pieces"),
    [
        ("принтер сломан", ["принтер", "сломан*"]),
        ('"не печатает принтер" срочно', ['"не печатает принтер', "срочно*"]),
        ("«не печатает» “не печатает” „не печатает“", ['"не печатает'] * 3),
        ("принтер -сканер −копир –факс", ["принтер*", "-сканер", "-копир", "-факс"]),
        ('принтер -"нет бумаги"', ["принтер*", '-"нет бумаги']),
        ("принт* сканер", ["принт*", "сканер*"]),
        ("-принт* сканер", ["-принт*", "сканер*"]),
        ("минус -5 --color a-b - x", ["минус", "-5", "--color", "a-b", "-", "x*"]),
        ("-принтер", ["-принтер"]),
        ("rm -rf /tmp", ["rm", "-rf", "/tmp*"]),
        ("ls -la -Rt", ["ls", "-la", "-Rt*"]),
        ("ping -t", ["ping", "-t*"]),
        ("-rf", ["-rf*"]),
        ("принтер -hp", ["принтер*", "-hp"]),
        ("printer -canon", ["printer*", "-canon"]),
        ('printer -"hp"', ["printer*", '-"hp']),
        ("холодно -5 градусов", ["холодно", "-5", "градусов*"]),
        ('-"нет бумаги"', ['-"нет бумаги']),
        ('кабель 3" и "половина', ["кабель", '3"', "и", '"половина*']),
        ('ООО "Ромашка"', ["ООО*", '"Ромашка']),
        ('"" принтер', ['"', "принтер*"]),
        ("* ** принтер", ["*", "**", "принтер*"]),
        ("", []),
    ],
)
def test_signs_are_read_as_people_mean_them(typed: str, pieces: list[str]) -> None:
    assert read(typed) == pieces


def test_what_looks_like_an_option_of_a_program_is_told_from_an_absent_word() -> None:
    told = [(piece.text, piece.is_absent, piece.is_option) for piece in typed_pieces("rm -rf принтер -hp")]
    assert told == [("rm", False, False), ("-rf", False, True), ("принтер", False, False), ("hp", True, False)]


def test_the_name_of_what_is_looked_for_has_no_signs() -> None:
    assert without_signs('"Анна Петрова" -сканер прот*') == "Анна Петрова прот"


@given(st.text())
def test_whatever_is_typed_is_read(typed: str) -> None:
    pieces = typed_pieces(typed)
    assert sum(piece.is_beginning and not piece.is_absent for piece in pieces) >= any(
        not (piece.is_phrase or piece.is_absent) for piece in pieces
    )
