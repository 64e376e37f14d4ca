"""Phone numbers in canonical form."""

import pytest

from otklik.people.commands.phones import comparable_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+7 495 123-45-67", "+74951234567"),
        ("8 (495) 123-45-67", "+74951234567"),
        ("84951234567", "+74951234567"),
        ("4951234567", "+74951234567"),
        ("+1 650-253-0000", "+16502530000"),
        ("123", "123"),
        ("12-34", "1234"),
        ("8 495 123-45-67 доб. 89", "8495123456789"),
        ("нет", ""),
        ("", ""),
        ("9" * 500, "9" * 40),
        ("٣٤٥", ""),
    ],
)
def test_the_comparable_form(text: str, number: str) -> None:
    assert comparable_number(text) == number
