"""Draw the house: `docs/house.svg`, made from the floors that `docs/architecture.md` lists.

    .venv/bin/python tools/house.py

tests/test_house.py says so when the picture, the text and the import rules of pyproject.toml do not agree.
"""

import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXT, PICTURE = ROOT / "docs" / "architecture.md", ROOT / "docs" / "house.svg"
_FLOOR = re.compile(r"^ ?(\d+)  ([a-z |:]+?)  +(.+?)(?: +\(later: .*\))?$", re.MULTILINE)
WIDTH, ROW, BOX, LEFT = 960, 64, 118, 150
TIP = (
    '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
    '<path d="M0 0 8 4 0 8z"/></marker>'
)
STYLE = """
  text { font: 15px system-ui, "DejaVu Sans", sans-serif; fill: #1f2937 }
  .quiet { font-size: 13px; fill: #5b6675 }
  rect { fill: #eef2f7; stroke: #94a3b8; rx: 6px }
  .heart rect { fill: #fff1c9; stroke: #b78103 }
  path { stroke: #64748b; fill: none; marker-end: url(#tip) }
  marker path { fill: #64748b; stroke: none; marker-end: none }
  @media (prefers-color-scheme: dark) {
    text { fill: #e5e7eb } .quiet { fill: #a3adbb } rect { fill: #1f2a3a; stroke: #64748b }
    .heart rect { fill: #4a3a0c; stroke: #d6a319 }
  }
"""


@dataclass(frozen=True, slots=True)
class Floor:
    """One floor: its packages from left to right, and a short description."""

    number: int
    packages: tuple[str, ...]
    words: str


def floors(text: str) -> list[Floor]:
    """Return the floors that the text lists, the uppermost first."""
    matches = [
        (int(number), re.split(r" [|:] ", names.strip()), words) for number, names, words in _FLOOR.findall(text)
    ]
    return [Floor(number, tuple(names), words) for number, names, words in matches]


def drawn(house: list[Floor]) -> str:
    """Return the SVG: the floors, requests entering at the top, calls going down and events coming back."""
    height = ROW * len(house) + 60
    parts = [_floor(floor, ROW * row + 40) for row, floor in enumerate(house)]
    heart = 40 + ROW * next(row for row, floor in enumerate(house) if "tickets" in floor.packages) + 22
    faces = 40 + ROW * next(row for row, floor in enumerate(house) if "portal" in floor.packages) + 22
    rules = 40 + ROW * next(row for row, floor in enumerate(house) if "notify" in floor.packages) + 22
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="t">',
            '<title id="t">The floors of Otklik: imports point down only</title>',
            f"<style>{STYLE}</style>",
            f"<defs>{TIP}</defs>",
            _word(8, faces + 5, "pages, mail, API"),
            f'<path d="M112 {faces + 14} V{heart - 6} H{LEFT - 6}"/>',
            _word(8, heart + 5, "one command"),
            _word(8, rules + 5, "reactions"),
            f'<path d="M60 {heart - 12} V{rules + 12}"/>',
            _word(66, (heart + rules) // 2 + 5, "event"),
            *parts,
            "</svg>\n",
        ]
    )


def _word(x: int, y: int, words: str) -> str:
    return f'<text class="quiet" x="{x}" y="{y}">{escape(words)}</text>'


def _floor(floor: Floor, top: int) -> str:
    boxes = [
        f'<rect x="{LEFT + place * (BOX + 10)}" y="{top}" width="{BOX}" height="44"/>'
        f'<text x="{LEFT + place * (BOX + 10) + BOX // 2}" y="{top + 27}" text-anchor="middle">{escape(name)}</text>'
        for place, name in enumerate(floor.packages)
    ]
    after = LEFT + len(floor.packages) * (BOX + 10) + 6
    kind = ' class="heart"' if "tickets" in floor.packages else ""
    return f"<g{kind}>{''.join(boxes)}{_word(after, top + 27, floor.words)}</g>"


def main() -> None:
    """Write the picture."""
    PICTURE.write_text(drawn(floors(TEXT.read_text("utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main()
