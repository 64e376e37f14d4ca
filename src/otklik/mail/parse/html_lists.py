"""The numbers that a browser shows before the items of a list (HTML, 4.4.5 `ol` and 4.4.8 `li`)."""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

_NUMBER = re.compile(r"\s*+([+-]?\d{1,9})")
_STYLE = re.compile(
    r"(?<![\w-])list-style(?:-type)?\s*+:[^;]{0,60}?(?<![\w-])(none|(?:lower|upper)-(?:alpha|latin|roman))", re.I
)
_KINDS = {
    "lower-alpha": "a",
    "lower-latin": "a",
    "upper-alpha": "A",
    "upper-latin": "A",
    "lower-roman": "i",
    "upper-roman": "I",
}
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")),
    *((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_MOST_ROMAN = 3999


@dataclass(slots=True)
class Numbers:
    """The numbering of one list: the next number, the step, and the style (1, a, A, i, I or "none")."""

    following: int = 1
    step: int = 1
    kind: str = "1"

    def next_label(self, item: LexborNode) -> str:
        """Return the label of an item, and count it. Its `value` attribute, if any, replaces the next number."""
        number = _number(item, "value", self.following)
        self.following = number + self.step
        return "" if self.kind == "none" else f"{_shown(number, self.kind)}. "


def numbers(node: LexborNode) -> Numbers:
    """Return the numbering of an `ol`, before its first item."""
    attributes = node.attributes
    backwards = "reversed" in attributes
    start = _number(node, "start", _items(node) if backwards else 1)
    style = _STYLE.search(attributes.get("style") or "")
    kind = _KINDS.get(style[1].lower(), "none") if style else (attributes.get("type") or "1").strip()
    return Numbers(start, -1 if backwards else 1, kind)


def _items(node: LexborNode) -> int:
    return sum(child.tag == "li" for child in node.iter())


def _number(node: LexborNode, name: str, usual: int) -> int:
    match = _NUMBER.match(node.attributes.get(name) or "")
    return int(match[1]) if match else usual


def _shown(number: int, kind: str) -> str:
    if kind in {"a", "A"} and number > 0:
        shown = _alphabetic(number)
    elif kind in {"i", "I"} and 0 < number <= _MOST_ROMAN:
        shown = _roman(number)
    else:
        return str(number)
    return shown.upper() if kind.isupper() else shown


def _alphabetic(number: int) -> str:
    shown = ""
    while number:
        number, letter = divmod(number - 1, 26)
        shown = chr(ord("a") + letter) + shown
    return shown


def _roman(number: int) -> str:
    shown = ""
    for value, sign in _ROMAN:
        times, number = divmod(number, value)
        shown += sign * times
    return shown


__all__ = ["Numbers", "numbers"]
