"""Pagination data for `otklik/_pagination.html`: «1-25 из 240» and page links. Pure; it runs no query."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

NEIGHBOURS = 2


@dataclass(frozen=True)
class PageLink:
    """A link of the pager: a page number, an arrow (`rel` prev or next), or a gap (neither `url` nor `current`)."""

    label: str
    url: str = ""
    current: bool = False
    rel: str = ""


@dataclass(frozen=True)
class Pages:
    """The pager. `first`, `last`: 1-based positions of the rows; `more`: there are rows beyond the counted `total`."""

    first: int
    last: int
    total: int
    pages: tuple[PageLink, ...]
    more: bool = False

    @property
    def total_words(self) -> str:
        """The total as text, such as "240", or "1000+" if it was not counted completely."""
        return f"{self.total}+" if self.more else str(self.total)


def page_count(total: int, per_page: int) -> int:
    """Return the number of pages for `total` rows, at least 1."""
    return max(1, -(-total // per_page))


def pages_of(
    *,
    number: int,
    per_page: int,
    total: int,
    query: Mapping[str, str | list[str]],
    name: str = "page",
    more: bool = False,
) -> Pages:
    """Return the pager of page `number` (clamped) of `total` rows; links keep the other parameters in `query`.

    `more`: there are rows beyond `total`, the limit of counting.
    """
    count = page_count(total, per_page)
    number = min(max(1, number), count)
    others = {key: value for key, value in query.items() if key != name and value}

    kept = urlencode(others, doseq=True)

    def url(page: int) -> str:
        return f"?{kept}&{name}={page}" if kept else f"?{name}={page}"

    links: list[PageLink] = [PageLink("‹", url(number - 1), rel="prev")] if number > 1 else []
    for page in _shown(number, count):
        links.append(PageLink(str(page), url(page), current=page == number) if page else PageLink("…"))
    if number < count:
        links.append(PageLink("›", url(number + 1), rel="next"))
    first = (number - 1) * per_page + 1 if total else 0
    return Pages(first=first, last=min(number * per_page, total), total=total, pages=tuple(links), more=more)


def _shown(number: int, count: int) -> Iterator[int]:
    """Yield the page numbers to link: ends and neighbours; 0 for a gap."""
    before = 0
    for page in range(1, count + 1):
        if page in (1, count) or abs(page - number) <= NEIGHBOURS:
            if page - before > 1:
                yield 0
            yield page
            before = page
