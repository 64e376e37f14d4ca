"""List items keep the numbers that a browser shows."""

import pytest

from otklik.mail.parse import html, layout


@pytest.mark.parametrize(
    ("opening", "shown"),
    [
        ("<ol>", ["1. да", "2. нет", "3. может быть"]),
        ("<ol start=5>", ["5. да", "6. нет", "7. может быть"]),
        ("<ol start='0'>", ["0. да", "1. нет", "2. может быть"]),
        ("<ol start=-1>", ["-1. да", "0. нет", "1. может быть"]),
        ("<ol start=x>", ["1. да", "2. нет", "3. может быть"]),
        ("<ol reversed>", ["3. да", "2. нет", "1. может быть"]),
        ("<ol type=a>", ["a. да", "b. нет", "c. может быть"]),
        ("<ol type=A start=26>", ["Z. да", "AA. нет", "AB. может быть"]),
        ("<ol style='margin:0;list-style-type:upper-roman' start=3>", ["III. да", "IV. нет", "V. может быть"]),
        ("<ol type=i start=4000>", ["4000. да", "4001. нет", "4002. может быть"]),
        ("<ol style='list-style: none'>", ["да", "нет", "может быть"]),
        ("<ul>", ["* да", "* нет", "* может быть"]),
    ],
)
def test_numbers_stay(opening: str, shown: list[str]) -> None:
    source = f"{opening}<li>да</li><li>нет</li><li>может быть</li></{opening[1:3]}>"
    assert html.render(source).text.split("\n") == shown
    assert [line for line in layout.lines_of(source) if line] == shown


def test_an_item_has_a_number_of_its_own() -> None:
    shown = html.render(
        "<ol><li value=2>да</li><li value='5'>нет</li><li>может быть<ol start=3><li>а</li></ol></li></ol>"
    )
    assert shown.text.split("\n") == ["2. да", "5. нет", "6. может быть", "  3. а"]
