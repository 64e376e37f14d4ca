"""Whether a mail's plain text and HTML are alternatives of the same text, or differ in content (ADR 85)."""

import re

from otklik.mail.parse import html, layout, limits, text_cleaning
from otklik.mail.parse.reply.trim import trim

_NOT_LETTERS = re.compile(r"[\W_]+")
_WORDS = re.compile(r"\w{3,}")
_TOKENS = re.compile(r"\d+|[^\W\d_]{3,}")
_ALL_WORDS = re.compile(r"\d+|[^\W\d_]+")
_LONG = 3
_LIST_NUMBER = re.compile(r"\A\s*\d{1,3}[.)]\s")
_LINK = re.compile(r"<?(?:https?://|www\.)\S{1,500}", re.I)
_FOR_ONE_PROGRAM = re.compile(r"<!--\[if[^\[\]<>]{0,80}\]>|<!\[endif\]-->", re.I)
_PAGE_INSIDE = re.compile(r"<iframe\s[^<>\"']{0,300}?srcdoc\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)')", re.I)
_STUB_WORDS = 40
_FEW_WORDS = 6
_STUB = re.compile(
    r"\bhtml\b|браузер|browser|\bmime\b|почтов\w{1,4} (?:программ|клиент)|mail (?:client|program|reader)", re.I
)


def is_less(plain: str, fuller: html.Rendered) -> bool:
    """Return whether the plain part is just a placeholder or an excerpt of the HTML, or a bare link."""
    return _is_stub(plain, fuller.text) or _says_less(plain, fuller)


def together(plain: str, fuller: html.Rendered, source: str) -> str:
    """Return the plain part with the HTML's own lines that it lacks; "" if it lacks none.

    Just the HTML if that contains all of the plain part. In a reply the HTML's lines come first, because a quotation
    follows. Links, list numbers, line breaks, short words and parts hidden in `source` are ignored.
    """
    own = _own_lines(fuller)
    plain_words = _Said(plain)
    more = [line for line in own if plain_words.lacks(line)]
    if more:
        seen = _Said("\n".join(layout.lines_of(source)))
        more = [line for line in more if not seen.lacks(line)]
    if not more:
        return ""
    if fuller.has_marks:
        return "\n".join([*more, "", plain.strip("\n")])
    shown = _Said(fuller.text)
    if not any(shown.lacks(line) for line in plain.split("\n")):
        return fuller.text
    return "\n".join([plain.strip("\n"), "", *more])


class _Said:
    """The words of a text, regardless of line breaks and spacing."""

    def __init__(self, value: str) -> None:
        self._letters = _letters(value)
        # Short words occur inside other words by chance.
        self._short = {word for word in _ALL_WORDS.findall(value.lower()) if word.isdigit() or len(word) < _LONG}

    def lacks(self, line: str) -> bool:
        """Return whether the text lacks a number of the line, three of its words, or a third of them."""
        bare = _LIST_NUMBER.sub(" ", _LINK.sub(" ", line)).lower()
        tokens = _TOKENS.findall(bare) or _ALL_WORDS.findall(bare)
        missing = [token for token in tokens if not self._has(token)]
        return any(map(str.isdigit, missing)) or len(missing) > 2 or (len(missing) * 3 >= len(tokens) > 0)

    def _has(self, word: str) -> bool:
        return word in (self._short if word.isdigit() or len(word) < _LONG else self._letters)


def _letters(value: str) -> str:
    return _NOT_LETTERS.sub("", value[: limits.REPLY_CHARS]).lower()


def last_words(source: str) -> str:
    """Return text of HTML that shows nothing: title, drawings, conditional comments, inner pages."""
    inner = "".join(f"<br>{text_cleaning.unescaped(match[1] or match[2])}" for match in _PAGE_INSIDE.finditer(source))
    return html.bare(_FOR_ONE_PROGRAM.sub("<br>", source) + inner, {"script", "style"})


def _is_stub(plain: str, fuller: str) -> bool:
    """Return whether the plain part is short, about mail programs, and has hardly any words of the HTML."""
    plain_words, others = set(_WORDS.findall(plain.lower())), set(_WORDS.findall(fuller.lower()))
    if len(plain_words) > _STUB_WORDS or len(others) < 2 or _STUB.search(plain) is None:
        return False
    return len(plain_words & others) * 3 < min(len(plain_words), len(others)) or not plain_words


def _says_less(plain: str, fuller: html.Rendered) -> bool:
    """Return whether the HTML has at least twice as many words, not counting quotations."""
    plain_words, others = set(_WORDS.findall(plain.lower())), set(_WORDS.findall(fuller.text.lower()))
    if not plain_words and (plain_words := set(_ALL_WORDS.findall(plain.lower()))):
        others |= set(_ALL_WORDS.findall(fuller.text.lower()))
    if fuller.has_marks or len(others) <= 2 * len(plain_words):
        return len(others) > 1 and not fuller.has_marks and _LINK.fullmatch(plain.strip()) is not None
    return len(plain_words) <= _FEW_WORDS and plain_words <= others


def _own_lines(fuller: html.Rendered) -> list[str]:
    """Return the lines above and between the HTML's quotations, without what introduces them."""
    trimmed = trim(fuller.marked) if fuller.marked else None
    return (trimmed.reply if trimmed is not None and trimmed.found else fuller.text).split("\n")
