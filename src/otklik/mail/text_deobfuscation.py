"""A text as its readers read it: escapes of addresses, HTML, JSON and RTF are letters, letters in other dress are
plain ones, and what stands in the midst of words without being one is gone. Each place of it is a place of the text.

Pure; knows no secret of ours. Time grows with the length alone: so many rounds, each a pass over the text.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from html.entities import html5
from typing import Self

from otklik.mail.hidden_html import hidden_spans
from otklik.mail.parse.text_cleaning import unescaped

_MOST_ROUNDS = 6
TAG = re.compile(
    r"<!\[CDATA\[|\]\]>|<(?:/?(?:[a-z][a-z0-9]{0,20}:(?!/))?[a-z][a-z0-9-]{0,30}(?=[\s/>])[^<>]*+"
    r"|!--[^<>]*+|[!?][a-z\[][^<>]*+)>",
    re.IGNORECASE,
)
"""A tag, a comment and the like, as HTML and XML know them; not an address in angle brackets."""

_UNSEEN = "\u00ad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
# Each alternative looks back at the letter that all begin with, which is quick to search for.
_BREAK = re.compile(
    rf"[=\r\n\x0b\x0c\x85\u2028\u2029 \t\xa0{_UNSEEN}](?:(?<==)\r?\n|(?<=[{_UNSEEN}])[{_UNSEEN}]*"
    r"|(?<=[ \t\xa0])(?<![ \t\xa0].)[ \t\xa0]*+(?:\r?\n|[\u2028\u2029\x85\x0b\x0c])[ \t\xa0>|]*|(?<=[\t\xa0])"
    r"|(?:(?<=[\n\x0b\x0c\x85\u2028\u2029])|(?<=\r)\n)[ \t\xa0>|]*)"
)
# What else stands where a line was broken: a hyphen, an old server's sign for a line too long, and before the rest a
# mark of quotation with initials, one of a comment or a list, or a number.
_MARK = r"(?:[^\W_]{1,12}>[ \t>]*+|[#:}*%/!+;.-]{1,3}[ \t]++|[0-9]{1,6}[.:)|]?[ \t]{1,4})"
_MARKED_BREAK = re.compile(
    rf"[-\u2010!=\r\n](?:(?<=[-\u2010!])\r?\n[ \t\xa0>|]*+{_MARK}?|(?<==)[ \t]++\r?\n"
    rf"|(?:(?<=\n)|(?<=\r)\n)[ \t\xa0>|]*+{_MARK})"
)
_MARK_BEHIND_HYPHEN = re.compile(rf"[\r\n](?:(?<=-\n)|(?<=-\r)\n)[ \t\xa0>|]*+{_MARK}")
"""The same behind a hyphen that is a letter of what was broken."""

BLANK = re.compile(r"[\s\xa0>|\"'+,;\\]+")
_DRESSED_RANGES = ((0xAA, 0xAA), (0xB2, 0xB3), (0xB9, 0xBA), (0x2010, 0x2012), (0x2024, 0x2024), (0x2044, 0x2044),
                   (0x2070, 0x209C), (0x2100, 0x214E), (0x2153, 0x2184), (0x2212, 0x2215), (0x2460, 0x24EA),
                   (0xFE10, 0xFE6B), (0xFF01, 0xFF5E), (0x1D400, 0x1D7FF), (0x1F100, 0x1F189),
                   (0x1FBF0, 0x1FBF9), (0x1D2C, 0x1D6A), (0x1D9B, 0x1DBF))  # fmt: skip
_DASHES = {**dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2212), "-"), 0x2044: "/", 0x2215: "/"}
_PLAIN = {
    chr(code): plain
    for low, high in _DRESSED_RANGES
    for code in range(low, high + 1)
    if len(plain := _DASHES.get(code) or unicodedata.normalize("NFKC", chr(code))) == 1 and plain.isascii()
}
"""Code point -> plain letter, for styled letters: wide, bold, circled, superscript."""

_DRESSED = re.compile(f"[{''.join(char for char in _PLAIN if len(char.encode('utf-16-le')) == 2)}]")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_ESCAPED = re.compile(
    r"[%&\\[](?:(?<=%)(?:25)*+(?P<percent>[0-7][0-9A-Fa-f])"
    r"|(?<=%)(?P<bytes>(?:25)*+[89A-Fa-f][0-9A-Fa-f](?:%(?:25)*+[89A-Fa-f][0-9A-Fa-f])*)"
    r"|(?<=&)\#[xX]0*+(?P<hex>[0-9A-Fa-f]{1,6});?|(?<=&)\#0*+(?P<number>[0-9]{1,7});?"
    r"|(?<=&)(?P<name>[A-Za-z][A-Za-z0-9]{1,31};?)"
    r"|(?<=\\)(?<!\\.)\\*+u(?P<pair>[dD][89abAB][0-9A-Fa-f]{2}\\{1,8}u[dD][c-fC-F][0-9A-Fa-f]{2})"
    r"|(?<=\\)(?<!\\.)\\*+u(?P<json>[0-9A-Fa-f]{4})|(?<=\\)(?<!\\.)\\*+u\{0*+(?P<braced>[0-9A-Fa-f]{1,6})\}"
    r"|(?<=\\)(?<!\\.)\\*+x(?P<x>[0-9A-Fa-f]{2})"
    r"|(?<=\\)'(?P<rtf>[0-9A-Fa-f]{2})|(?<=\\)u(?P<signed>-?[0-9]{1,6})[ ?]?"
    r"|(?<=\\)(?P<octal>[01][0-7]{2})|(?<=\\)(?<!\\.)\\*+(?P<sign>[/_:.~-])"
    r"|(?<=\\)(?P<css>[0-9A-Fa-f]{1,6}) |(?<=\[)(?P<fenced>[.:/@+]|://|dot|at)\])"
)
_PERCENT = re.compile("%(?:25)*+")
_BASES = {
    **dict.fromkeys(("percent", "hex", "json", "braced", "x", "rtf", "css"), 16),
    "number": 10,
    "signed": 10,
    "octal": 8,
}


@dataclass(slots=True)
class Folded:
    """A text derived from another one. `place` maps positions back to the original text."""

    text: str
    _below: "Folded | None" = None
    squeezed: bool = False
    _begins: list[int] = field(default_factory=list)
    _ends: list[int] = field(default_factory=list)
    _from: list[int] = field(default_factory=list)
    _upto: list[int] = field(default_factory=list)

    @property
    def made(self) -> bool:
        """Whether it differs from the original text."""
        return self._below is not None

    def without(self, pattern: re.Pattern[str]) -> Self:
        """Return the text without the pattern's matches."""
        return self._made(pattern, lambda match: "")

    def without_hidden(self) -> Self:
        """Return HTML without invisible parts."""
        return self._replaced((begin, end, "") for begin, end in hidden_spans(self.text))

    def read(self) -> Self:
        """Return the text with escapes decoded once."""
        folded = self._made(_ESCAPED, _letter)
        if folded.text.isascii():
            return folded
        return folded._made(_DRESSED, _undressed)._made(_ASTRAL, _undressed)

    def place(self, begin: int, end: int) -> tuple[int, int]:
        """Map the span from `begin` to `end` back to the original text."""
        folded: Folded | None = self
        while folded is not None and folded._below is not None:
            begin, end = folded._source(begin, last=False), folded._source(end - 1, last=True)
            folded = folded._below
        return begin, end

    def _source(self, at: int, *, last: bool) -> int:
        number = bisect_right(self._begins, at) - 1
        if number < 0:
            return at + 1 if last else at
        if at < self._ends[number]:
            return self._upto[number] if last else self._from[number]
        place = at - self._ends[number] + self._upto[number]
        return place + 1 if last else place

    def _made(self, pattern: re.Pattern[str], letters: Callable[[re.Match[str]], str]) -> Self:
        if pattern.search(self.text) is None:
            return self
        return self._replaced((*match.span(), letters(match)) for match in pattern.finditer(self.text))

    def _replaced(self, places: Iterable[tuple[int, int, str]]) -> Self:
        made, position, length = list[str](), 0, 0
        result = type(self)("", self)
        for begin, end, reading in places:
            if self.text.startswith(reading, begin) and len(reading) == end - begin:
                continue
            made += [self.text[position:begin], reading]
            length += begin - position
            result._begins.append(length)
            length += len(reading)
            result._ends.append(length)
            result._from.append(begin)
            result._upto.append(end)
            position = end
        if not result._begins:
            return self
        result.text = "".join(made) + self.text[position:]
        return result


def readings(text: str) -> Iterator[Folded]:
    """Yield ways to read the text, itself first, with escapes decoded repeatedly; of each also without line breaks and
    the marks beside them, without tags, without tags and hidden parts, and without blanks."""
    folded = Folded(text)
    yield folded
    for _round in range(_MOST_ROUNDS):
        joined = folded.without(_BREAK)
        if joined is not folded:
            yield joined
        if (marked := folded.without(_MARKED_BREAK)) is not folded:
            yield marked.without(_BREAK)
        if (hyphened := folded.without(_MARK_BEHIND_HYPHEN)) is not folded:
            yield hyphened.without(_MARKED_BREAK).without(_BREAK)
        if "<" in joined.text and (untagged := joined.without(TAG)) is not joined:
            yield untagged.without(_BREAK)
            if (visible := joined.without_hidden()) is not joined:
                yield visible.without(TAG).without(_BREAK)
        if (read := joined.read()) is joined:
            return
        yield read
        folded = read


def squeezed(folded: Folded) -> Folded:
    """Return the reading without tags, blanks and other characters between pieces of a text."""
    return replace(folded.without(TAG).without(BLANK), squeezed=True)


def _letter(match: re.Match[str]) -> str:
    kind, shown = str(match.lastgroup), match[str(match.lastgroup)]
    if kind in _BASES:
        return _character(int(shown, _BASES[kind]) & 0x1FFFFF, match.group())
    if kind == "bytes":
        return bytes.fromhex(_PERCENT.sub("", shown)).decode("utf-8", "replace")
    if kind == "pair":
        return bytes.fromhex(shown[:4] + shown[-4:]).decode("utf-16-be", "replace")
    if kind == "name":
        return _named(shown)
    return _FENCED.get(shown, shown)


_FENCED = {"dot": ".", "at": "@"}
"""Signs as those write them who want a link not to be one."""


def _undressed(match: re.Match[str]) -> str:
    dressed = match.group()
    return "" if "\U000e0000" <= dressed <= "\U000e01ef" else _PLAIN.get(dressed, dressed)


def _character(number: int, otherwise: str) -> str:
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 and number else otherwise


def _named(name: str) -> str:
    """Return the character of an HTML entity; "" for blanks that do not separate words."""
    letter = html5.get(name) or unescaped(f"&{name}")
    return "" if letter in {"\xa0", "\u200b", "\u00ad"} else letter
