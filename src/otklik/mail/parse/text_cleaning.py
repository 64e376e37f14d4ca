"""Sanitize text: characters a database can store, bounded line lengths."""

import re
import unicodedata
from html import unescape

from otklik.core.unicode_nfc import composed

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_BODY_CONTROLS = re.compile("[\x01-\x08\x0b\x0e-\x1f\x7f]")
_LINE_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_LINE_END = re.compile("\r\r?\n|\r|\x0c|\u2028|\u2029|\x85")
# They show a line, or what stands beside it, in another order than it was written in; no name or subject needs them.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ZEROS = re.compile(r"(&#[xX]?)0{3,}+(?=[0-9a-fA-F])")
# Python refuses to read such long numbers, and no character has one.
_TOO_LONG_A_NUMBER = re.compile(r"&#(?:[xX][0-9a-fA-F]{9,}+|[0-9]{9,}+);?")
_REFERENCE = re.compile(r"&#(?:\d{2,7}|x[0-9a-f]{2,6});", re.I)
_SPACES = re.compile("[ \\t]+|[ \\t\u00a0\u2000-\u200a\u3000]{2,}")


def storable(text: str) -> str:
    """Return text with NUL and lone surrogates replaced by U+FFFD, in NFC (RL-16)."""
    if text.isascii():
        return text.replace("\x00", "\ufffd")
    return composed(_UNSTORABLE.sub("\ufffd", text))


def body(text: str) -> str:
    """Return storable multi-line text: LF line ends, no control characters but TAB."""
    return _BODY_CONTROLS.sub("", storable(_LINE_END.sub("\n", text)))


def line(text: str, limit: int | None = None) -> str:
    """Return storable text on one line, cut at `limit`.

    Control characters and line ends become a space (AB-87), bidirectional controls are removed (AB-17).
    """
    text = _TURNING.sub("", text)
    cleaned = _SPACES.sub(" ", _LINE_CONTROLS.sub(" ", storable(text.replace("\x00", "")))).strip()
    return cleaned if limit is None else cleaned[:limit].rstrip()


def without_format_characters(text: str) -> str:
    """The text without control and format characters (categories Cc, Cf, Co, Cs: zero width, direction
    marks).
    """
    return "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cf", "Co", "Cs"})


def without_references(text: str, least: int = 8) -> str:
    """Decode HTML references in plain text that mostly consists of them (`least` or more); else return it unchanged."""
    references = _REFERENCE.findall(text) if "&#" in text else ()
    return unescaped(text) if len(references) >= least and sum(map(len, references)) * 2 > len(text) else text


def unescaped(text: str) -> str:
    """Decode HTML references like `html.unescape`. Never raises."""
    if "&" not in text:
        return text
    return unescape(_TOO_LONG_A_NUMBER.sub("\ufffd", _ZEROS.sub(r"\1", text)))
