"""A text in which the words that were looked for are marked."""

from collections.abc import Iterable
from html import escape
from typing import Protocol

from django.utils.safestring import SafeString


class Piece(Protocol):
    """A piece of a text; `marked`: whether it is a match."""

    @property
    def text(self) -> str: ...

    @property
    def marked(self) -> bool: ...


def marked_words(pieces: Iterable[Piece]) -> SafeString:
    """Return the pieces as HTML with matches in <mark>; everything is escaped (AB-66)."""
    return SafeString(
        "".join(f"<mark>{escape(piece.text)}</mark>" if piece.marked else escape(piece.text) for piece in pieces)
    )
