"""Highlighting of searched words."""

from dataclasses import dataclass

from otklik.ui.search_highlight import marked_words


@dataclass(frozen=True)
class Segment:
    text: str
    marked: bool = False


def test_what_somebody_wrote_is_escaped_in_and_between_the_marks() -> None:
    segments = [Segment("<b>"), Segment('<i> & "', marked=True), Segment("</b>")]
    assert marked_words(segments) == "&lt;b&gt;<mark>&lt;i&gt; &amp; &quot;</mark>&lt;/b&gt;"
    assert marked_words([]) == ""
