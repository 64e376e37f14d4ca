"""The words of RTF (Microsoft's Rich Text Format 1.9.1), also of RTF that encloses HTML (MS-OXRTFEX). Pure, bounded.

Written here because the library at hand looks for fonts in a time that grows with the square of the text, and raises on
what a sender can write.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from otklik.mail.parse import budget, charset, text_cleaning

SIGNATURE = b"{\\rtf"
_MOST = 1024 * 1024
_MOST_GROUPS, _MOST_TOKENS = 200, 100_000
_TOKEN = re.compile(r"\\'([0-9a-fA-F]{2})|\\([a-zA-Z]{1,32})(-?[0-9]{1,10})? ?|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]+)")
_SIGNS = {
    "par": "\n", "line": "\n", "row": "\n", "sect": "\n", "page": "\n", "cell": "\t", "tab": "\t", "emdash": "—",
    "endash": "–", "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
    "~": "\xa0", "_": "-", "\n": "\n", "\r": "\n", "{": "{", "}": "}", "\\": "\\",
}  # fmt: skip
_UNSEEN = {
    "fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "header", "footer", "headerl", "headerr", "headerf",
    "footerl", "footerr", "footerf", "footnote", "ftnsep", "ftnsepc", "themedata", "datastore", "xmlnstbl", "fldinst",
    "generator", "listtable", "listoverridetable", "rsidtbl", "revtbl", "filetbl", "author", "operator", "title",
}  # fmt: skip
# Fonts' charsets (`\fcharset`); what is not named here is written in the document's.
_FONT_CHARSETS = {
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "big5", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250", 254: "cp437",
}  # fmt: skip
_DOCUMENT_CHARSETS = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}


def text_of(data: bytes) -> str:
    """Return the readable text of an RTF document: paragraphs as lines, cells separated by tabs. Never raises.

    Reads 1 MB and 100,000 tokens; more is recorded in `budget`.
    """
    if len(data) > _MOST:
        budget.refuse(budget.Work.TEXT)
    return text_cleaning.body("".join(_Reader().read(data[:_MOST].decode("latin-1")))).strip("\n")


@dataclass(slots=True)
class _Group:
    """State until the end of a group. `skip`: invisible; `fallback`: how many characters replace a Unicode letter."""

    skip: bool = False
    fonts: bool = False
    fallback: int = 1
    font: int = -1


@dataclass(slots=True)
class _Reader:
    """Reads the tokens. Adjacent bytes are decoded together, as a letter may take two."""

    charset: str = "cp1252"
    fonts: dict[int, str] = field(default_factory=dict)
    group: _Group = field(default_factory=_Group)
    above: list[_Group] = field(default_factory=list)
    too_deep: int = 0
    passed: int = 0
    starred: bool = False
    raw: bytearray = field(default_factory=bytearray)

    def read(self, source: str) -> Iterator[str]:
        end = 0
        tokens = _TOKEN.finditer(source)
        for match in islice(tokens, _MOST_TOKENS):
            if match.start() < end:
                continue
            code, word, number, sign, brace, run = match.groups()
            if code or run:
                self._bytes(bytes([int(code, 16)]) if code else run.encode("latin-1"), single=bool(code))
                continue
            yield self._decoded()
            if brace:
                self._brace(brace)
            elif word == "bin":
                end = match.end() + max(0, int(number or 0))
            elif word:
                yield self._word(word.lower() if word.isupper() else word, number)
            elif sign == "*":
                self.starred = True
            elif not self.group.skip:
                yield _SIGNS.get(sign, "")
        yield self._decoded()
        if next(tokens, None) is not None:
            budget.refuse(budget.Work.TEXT)

    def _bytes(self, data: bytes, *, single: bool) -> None:
        gone = min(self.passed, 1 if single else len(data))
        self.passed -= gone
        if not self.group.skip:
            self.raw += data[gone:]

    def _decoded(self) -> str:
        if not self.raw:
            return ""
        raw_bytes = bytes(self.raw)
        self.raw.clear()
        codec = self.fonts.get(self.group.font, self.charset)
        return raw_bytes.decode(charset.codec_name(codec) or "cp1252", "replace")

    def _brace(self, brace: str) -> None:
        self.passed, self.starred = 0, False
        if brace == "{" and len(self.above) < _MOST_GROUPS:
            self.above.append(self.group)
            above = self.group
            self.group = _Group(above.skip, above.fonts, above.fallback, above.font)
        elif brace == "{":
            self.too_deep += 1
        elif self.too_deep:
            self.too_deep -= 1
        elif self.above:
            self.group = self.above.pop()

    def _word(self, word: str, number: str | None) -> str:
        value, starred = int(number or 0), self.starred
        self.starred = False
        if word == "fonttbl":
            self.group.fonts = True
        self.group.skip = self.group.skip or word in _UNSEEN or starred
        if word == "htmlrtf":
            # What stands for an HTML tag beside it, so that programs without HTML show something.
            self.group.skip = number != "0"
        self._setting(word, value)
        if self.group.skip:
            return ""
        if word == "u":
            self.passed = self.group.fallback
            return chr(value & 0xFFFF)
        return _SIGNS.get(word, "") if len(word) > 1 else ""

    def _setting(self, word: str, value: int) -> None:
        if word == "uc":
            self.group.fallback = max(0, min(value, 20))
        elif word == "f":
            self.group.font = value
        elif word == "fcharset" and self.group.fonts and value in _FONT_CHARSETS:
            self.fonts[self.group.font] = _FONT_CHARSETS[value]
        elif word == "ansicpg":
            self.charset = f"cp{value}" if value != 10007 else "mac_cyrillic"
        elif word in _DOCUMENT_CHARSETS:
            self.charset = _DOCUMENT_CHARSETS[word]
