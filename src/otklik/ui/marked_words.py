"""A text in which the words that were looked for are marked."""

from collections.abc import Iterable
from html import escape
from typing import Protocol

from django.utils.safestring import SafeString


class Piece(Protocol):
    """A piece of the text; `marked`: one of the words."""

    @property
    def text(self) -> str: ...

    @property
    def marked(self) -> bool: ...


def marked_words(pieces: Iterable[Piece]) -> SafeString:
    """The pieces as HTML, one after the other; all that somebody wrote is escaped (AB-66)."""
    return SafeString("".join(f"<mark>{escape(one.text)}</mark>" if one.marked else escape(one.text) for one in pieces))
