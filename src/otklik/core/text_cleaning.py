"""Normalize submitted text and names: NFC, LF line ends, no characters that PostgreSQL refuses."""

import re

from otklik.core.unicode_nfc import composed

_SURROGATES = re.compile("[\ud800-\udfff]")
_LINE_END = re.compile("\r\n?")
# Control characters, and those that turn the direction of text or are not seen.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
# What stands before a name when a program sends the whole path: a drive, a root, a home, a folder above, an address.
_PATH = re.compile(r"[A-Za-z]:[/\\]|[/\\]|~[/\\]|\.{1,2}[/\\]|[A-Za-z][A-Za-z+.-]+://")
_SLASH = re.compile(r"[/\\]")


def entered(text: str) -> str:
    """Words of people: NFC, lines that end in LF, without NUL; a lone surrogate becomes U+FFFD."""
    text = _LINE_END.sub("\n", text.replace("\x00", ""))
    return text if text.isascii() else composed(_SURROGATES.sub("\ufffd", text))


def file_name(name: str) -> str:
    """The name of a file as its sender called it, on one line, without what cannot be seen; "" where nothing is left.

    A path before it is cut, wherever it is one; a slash inside a name becomes "_": «Счёт 12/24.pdf», «Счёт 12_24.pdf».
    """
    return without_path(_UNSEEN.sub("", entered(name.replace("\n", " ")))).strip(" ").rstrip(". ")


def without_path(name: str) -> str:
    """The name without a path before it, with "_" for a slash that is part of it; "" for dots and slashes alone."""
    name = name.strip(" ")
    if _PATH.match(name):
        return next((part for part in reversed(_SLASH.split(name)) if part.strip(". ")), "")
    return _SLASH.sub("_", name) if name.strip("./\\ ") else ""
