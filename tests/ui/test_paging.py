"""The line below a list: «76-100 из 240» and its links."""

import pytest

from otklik.ui.paging import Pages, pages_of


def labels(pages: Pages) -> list[str]:
    return [f"[{link.label}]" if link.current else link.label for link in pages.pages]


def of(number: int, total: int) -> Pages:
    return pages_of(number=number, per_page=25, total=total, query={"status": "open", "page": "9", "filter": ""})


def test_first_and_last_rows_are_named() -> None:
    pages = of(4, 240)
    assert (pages.first, pages.last, pages.total) == (76, 100, 240)
    assert labels(pages) == ["‹", "1", "2", "3", "[4]", "5", "6", "…", "10", "›"]


@pytest.mark.parametrize(
    ("number", "total", "first", "last", "shown"),
    [
        (1, 0, 0, 0, ["[1]"]),
        (1, 1, 1, 1, ["[1]"]),
        (1, 25, 1, 25, ["[1]"]),
        (2, 26, 26, 26, ["‹", "1", "[2]"]),
        (99, 60, 51, 60, ["‹", "1", "2", "[3]"]),
        (-3, 60, 1, 25, ["[1]", "2", "3", "›"]),
    ],
)
def test_ends_and_wrong_numbers(number: int, total: int, first: int, last: int, shown: list[str]) -> None:
    pages = of(number, total)
    assert (pages.first, pages.last) == (first, last)
    assert labels(pages) == shown


def test_links_keep_the_other_filters_and_drop_empty_ones() -> None:
    urls = {link.label: link.url for link in of(4, 240).pages}
    assert urls["5"] == "?status=open&page=5"
    assert urls["…"] == ""


@pytest.mark.parametrize(("more", "words"), [(False, "1000"), (True, "1000+")])
def test_where_nobody_counted_further_it_is_said(more: bool, words: str) -> None:
    assert pages_of(number=1, per_page=25, total=1000, query={}, more=more).total_words == words
