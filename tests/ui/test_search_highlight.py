"""Highlighting of searched words."""

from dataclasses import dataclass

from otklik.ui.search_highlight import marked_words


@dataclass(frozen=True)
class Piece:
    text: str
    marked: bool = False


def test_what_somebody_wrote_is_escaped_in_and_between_the_marks() -> None:
    pieces = [Piece("<b>"), Piece('<i> & "', marked=True), Piece("</b>")]
    assert marked_words(pieces) == "&lt;b&gt;<mark>&lt;i&gt; &amp; &quot;</mark>&lt;/b&gt;"
    assert marked_words([]) == ""
