"""Sanitize attachment file names for display (AB-75, AB-77). They never become a path on disk."""

import re

from otklik.core.text_cleaning import without_path
from otklik.core.unicode_nfc import composed
from otklik.mail.parse import limits, text_cleaning

_TOO_MANY_MARKS = re.compile(
    r"((?:[^\W\d_]|.)[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{3})[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+"
)
_DRIVE = re.compile(r"^[A-Za-z]:")


def clean(name: str) -> str:
    """Return a file name without path, control and format characters, piled-up accents, outer blanks and dots; at most
    1,000 characters."""
    name = text_cleaning.without_format_characters(text_cleaning.line(name))
    name = without_path(composed(name))
    name = _TOO_MANY_MARKS.sub(r"\1", name)
    name = re.sub(r"[\"<>|:*?]", "_", name).strip(" \t") if _unsafe(name) else name.strip(" \t")
    return "" if not name.strip(". ") else short(name.rstrip(". "), limits.FULL_FILE_NAME_CHARS)


def _unsafe(name: str) -> bool:
    return _DRIVE.match(name) is not None


def short(name: str, limit: int = limits.FILE_NAME_CHARS) -> str:
    """Return the name in at most `limit` characters, keeping its extension."""
    if len(name) <= limit:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 12 or not stem:
        return name[:limit]
    return stem[: limit - len(extension) - 2].rstrip() + "…" + dot + extension
