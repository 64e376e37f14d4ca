"""Every page of tests/everybody/pages.txt: no axe violations in both themes and in the version for the visually
impaired, no overflow at 320 px (1280 px at 400 %), no control too small for a finger."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from otklik.core.low_vision import unpacked
from tests.everybody.table import ROWS, Row

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
# What may differ between two looks of a page in which the same elements are seen.
OF_A_LOOK = {**RULES, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block", "target-size"]}}
SCHEMES = [
    "1-150-white-normal-normal-sans-shown",
    "1-125-black-wide-wide-serif-hidden",
    "1-200-blue-normal-normal-sans-shown",
    "1-125-beige-wider-normal-sans-shown",
    "1-125-brown-normal-wider-sans-hidden",
]
NARROW = {
    "without scripts": {"scripts": False},
    "large letters": {"sight": "1-200-white-wide-wide-sans-shown"},
}

# Elements that stick out of the window, but for what scrolls by itself and what is hidden on purpose.
BEYOND = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  return [...document.querySelectorAll("body *")]
    .map(e => [e, Math.round(e.getBoundingClientRect().right)]).filter(([e, right]) => right > wide + 1).slice(-4)
    .map(([e, right]) => `${e.tagName.toLowerCase()}.${e.className} ${right}`);
}"""
# WCAG 2.2, 2.5.8: 24 px, but for links in a line of text and boxes whose label is pressed too.
SMALL = """() => [...document.querySelectorAll("button, summary, select, input:not([type=hidden]), a.btn, .pager a")]
  .filter(e => !(e.labels && e.labels.length && /radio|checkbox|file/.test(e.type)))
  .filter(e => { const r = e.getBoundingClientRect();
    return getComputedStyle(e).visibility !== "hidden" && r.width > 1 && (r.width < 24 || r.height < 24); })
  .map(e => `${e.tagName.toLowerCase()}.${e.className} ${e.textContent.trim().slice(0, 30)}`)"""
# Which elements are seen, in their order.
SEEN = """() => [...document.querySelectorAll("body *")]
  .map(e => e.checkVisibility({ visibilityProperty: true }) ? "x" : ".").join("")"""
# What theme.js and sight.js do when another look is chosen, and what the server writes at the next visit.
WEAR = """([theme, classes]) => { const root = document.documentElement;
  root.className = root.className.replace(/\\bsight\\b.*/, "") + classes;
  root.setAttribute("data-theme", theme); root.setAttribute("data-bs-theme", theme); }"""


def walk(opened: Any, places: dict[str, object], rows: list[Row], **look: Any) -> Iterator[tuple[Row, Page]]:
    """Yield each page of these rows, in one tab per reader."""
    for who in dict.fromkeys(row.who for row in rows):
        with opened(who, **look) as page:
            for row in rows:
                if row.who == who:
                    go(page, row.path.format(**places))
                    yield row, page


def go(page: Page, path: str) -> None:
    """Open the page; for POST, submit its form as it is."""
    page.goto(path.removeprefix("POST:"))
    if path.startswith("POST:"):
        with page.expect_navigation():
            page.locator("main form[method=post]").first.evaluate("form => { form.noValidate = true; form.submit(); }")


def axe_finds(page: Page, where: str, rules: dict[str, Any] = RULES) -> list[str]:
    """Return axe's violations on the present page; each line begins with `where`.

    The window is made as high as the page: axe scrolls, and would report elements as covered that are then under the
    fixed header.
    """
    width = page.evaluate("innerWidth")
    page.set_viewport_size({"width": width, "height": max(800, page.evaluate("document.documentElement.scrollHeight"))})
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE_SCRIPT)
    wrong = page.evaluate("rules => axe.run(rules).then(found => found.violations)", rules)
    return [
        f"{where}: {one['id']} {one['help']} {len(one['nodes'])}x {[node['html'][:160] for node in one['nodes'][:3]]}"
        for one in wrong
    ]


def another_look_finds(page: Page, where: str, seen: str) -> list[str]:
    """Return axe's violations in another theme or size of a page already checked.

    `seen`: the former result of SEEN. Names, roles and order belong to the elements, so they are checked again only if
    other elements are visible.
    """
    return axe_finds(page, where, OF_A_LOOK if page.evaluate(SEEN) == seen else RULES)


def narrow_finds(page: Page, where: str) -> list[str]:
    """Return what is wrong with the page in its present window of 320 px."""
    found = [f"{where}: beyond {words}" for words in page.evaluate(BEYOND)]
    found += [f"{where}: small {words}" for words in page.evaluate(SMALL)]
    if not page.title() or page.locator("h1").count() != 1 or page.locator("main").count() != 1:
        found.append(f"{where}: a page has a title, one h1 and one main")
    return found


@pytest.mark.parametrize("who", dict.fromkeys(row.who for row in ROWS))
def test_axe_finds_nothing_and_at_320_px_nothing_sticks_out_in_both_themes(
    opened: Any, places: dict[str, object], who: str
) -> None:
    found = list[str]()
    for row, page in walk(opened, places, [row for row in ROWS if row.who == who], theme="dark"):
        found += axe_finds(page, f"{row.name} dark")
        seen = page.evaluate(SEEN)
        page.set_viewport_size({"width": 320, "height": 800})
        found += narrow_finds(page, f"{row.name} dark")
        page.evaluate(WEAR, ["light", ""])
        found += narrow_finds(page, f"{row.name} light")
        page.set_viewport_size({"width": 1280, "height": 800})
        found += another_look_finds(page, f"{row.name} light", seen)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("who", dict.fromkeys(row.who for row in ROWS if row.more))
def test_axe_finds_nothing_in_the_version_for_the_visually_impaired(
    opened: Any, places: dict[str, object], who: str
) -> None:
    found = list[str]()
    for row, page in walk(opened, places, [row for row in ROWS if row.more and row.who == who], sight=SCHEMES[0]):
        seen = ""
        for packed in SCHEMES:
            look = unpacked(packed)
            page.evaluate(WEAR, [look.theme, look.css])
            found += another_look_finds(page, f"{row.name} {look.scheme}", seen)
            seen = seen or page.evaluate(SEEN)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("look", NARROW)
def test_a_page_opened_at_320_px_does_not_stick_out_and_fingers_hit(
    opened: Any, places: dict[str, object], look: str
) -> None:
    found = list[str]()
    for row, page in walk(opened, places, ROWS, **NARROW[look], width=320):
        found += narrow_finds(page, row.name)
    assert not found, "\n".join(found)
