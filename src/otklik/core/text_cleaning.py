"""Normalize submitted text and names: NFC, LF line ends, no characters that PostgreSQL refuses."""

import re

from otklik.core.unicode_nfc import composed

_SURROGATES = re.compile("[\ud800-\udfff]")
_LINE_END = re.compile("\r\n?")
# Control characters, and those that turn the direction of text or are not seen.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
# The beginning of a path: a drive, the root, a home, a relative directory, a URL.
_PATH = re.compile(r"[A-Za-z]:[/\\]|[/\\]|~[/\\]|\.{1,2}[/\\]|[A-Za-z][A-Za-z+.-]+://")
_SLASH = re.compile(r"[/\\]")


def entered(text: str) -> str:
    """Clean text typed by people: NFC, LF line ends, NUL removed, lone surrogates replaced by U+FFFD."""
    text = _LINE_END.sub("\n", text.replace("\x00", ""))
    return text if text.isascii() else composed(_SURROGATES.sub("\ufffd", text))


def file_name(name: str) -> str:
    """Clean a sender's file name: one line, without path and invisible characters; "" if nothing is left.

    A slash inside a name, as opposed to a path, becomes "_": «Счёт 12/24.pdf» gives «Счёт 12_24.pdf».
    """
    return without_path(_UNSEEN.sub("", entered(name.replace("\n", " ")))).strip(" ").rstrip(". ")


def without_path(name: str) -> str:
    """Return the last part of a path; of any other name, the name with slashes replaced by "_". "" for a name of dots
    and slashes alone."""
    name = name.strip(" ")
    if _PATH.match(name):
        return next((part for part in reversed(_SLASH.split(name)) if part.strip(". ")), "")
    return _SLASH.sub("_", name) if name.strip("./\\ ") else ""
