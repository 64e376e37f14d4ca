"""Search highlighting as HTML."""

from collections.abc import Iterable
from html import escape
from typing import Protocol

from django.utils.safestring import SafeString


class Segment(Protocol):
    """A segment of a text; `marked`: whether it is a match."""

    @property
    def text(self) -> str: ...

    @property
    def marked(self) -> bool: ...


def marked_words(segments: Iterable[Segment]) -> SafeString:
    """Return the segments as HTML with matches in <mark>; everything is escaped (AB-66)."""
    return SafeString(
        "".join(
            f"<mark>{escape(segment.text)}</mark>" if segment.marked else escape(segment.text) for segment in segments
        )
    )
