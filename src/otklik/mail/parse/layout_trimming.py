"""Lay out the new words of a reply as the mail showed them, with pictures and tables (ADR 68). Pure.

Which words are new is decided on the text alone; here each line of the layout is looked up among them.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from otklik.mail.parse import layout
from otklik.mail.parse.reply import line_rules
from otklik.mail.parse.reply.known_text import bare

_WORD = re.compile(r"[^\W_]+")
_WINDOW: Final = 8
_GRAM: Final = 3
_ENOUGH: Final = 0.9
_OF_A_LINE: Final = 0.7
_LONGEST_SIGNATURE: Final = 15
_CLOSING = re.compile(
    r"\W*(?:с\s+(?:глубоким\s+|большим\s+)?уважением|с\s+наилучшими|с\s+почтением|искренне\s+ваш|всего\s+(?:доброго|хорошего)"
    r"|з\s+повагою|құрметпен|best\s+(?:regards|wishes)|kind(?:est)?\s+regards|warm\s+regards|regards|sincerely"
    r"|yours\s+(?:faithfully|sincerely|truly)|mit\s+freundlichen|freundliche\s+grü|cordialement|saludos)\b"
    r"|\s*+(?:-- ?|—|–|_{4,}|-{4,})\s*+\Z",
    re.I,
)


@dataclass(frozen=True, slots=True)
class TrimmedLayout:
    """A layout cut to the wanted text.

    `text`: lines with tables and marks of images (see `layout`), without their owner signs. `folded`: Content-IDs of
    images of the signature or the quotation; `signing`: images that belong to the signature if they occurred before.
    """

    text: str
    folded: frozenset[str]
    signing: frozenset[str] = frozenset()

    def without(self, pictures: frozenset[str]) -> "TrimmedLayout":
        """Return a copy in which these images are folded as well."""
        text = layout.MARK.sub(lambda match: "" if match[2] in pictures else match[0], self.text)
        return TrimmedLayout(_tidy(text.split("\n")), self.folded | pictures, self.signing - pictures)


def trim_layout(lines: Sequence[str], text: str, *, whole: bool, patched: bool = False) -> TrimmedLayout | None:
    """Return the lines of a layout that contain `text`; None if they contain other text. Linear.

    `whole`: the text is the whole mail, so further lines of the layout are kept. `patched`: lines that the layout lacks
    are put above it, if the text is the whole mail or has all own lines of the layout.
    """
    text = layout.spoken(text, lines)
    kept_lines, enough = _Search(_words(text)).kept(lines)
    if not enough and not (patched and (whole or _takes_own_lines(lines, text, kept_lines))):
        return None
    signed = _signature(lines, kept_lines)
    shown = _shown_whole(lines, signed) if whole else _shown(lines, kept_lines, signed)
    out = [line[1:] for line in shown]
    if not enough and (lacking := _lacking(text, out)):
        out = [*lacking, "", *out]
    marks = {match[2] for line in out for match in layout.MARK.finditer(line)}
    there = {match[2] for line in lines for match in layout.MARK.finditer(line)}
    return TrimmedLayout(_tidy(out), frozenset(there - marks), _signing(lines, signed) & marks)


class _Search:
    """A sequence of words in which lines are searched."""

    def __init__(self, text_words: list[str]) -> None:
        self._words = text_words
        self._places: dict[tuple[str, ...], list[int]] = {}
        for place in range(len(text_words) - _GRAM + 1):
            self._places.setdefault(tuple(text_words[place : place + _GRAM]), []).append(place)

    def kept(self, lines: Sequence[str]) -> tuple[list[bool | None], bool]:
        """Return for each line whether it occurs, None for one without words; and whether that covers nearly all
        words."""
        at, hits, lines_kept = 0, 0, list[bool | None]()
        for line in lines:
            own = _words(line[1:])
            if not own:
                lines_kept.append(None)
                continue
            end, count = self._match(own, at)
            if count < len(own) * _OF_A_LINE and (other := self._jump(own, at)) is not None:
                end, count = self._match(own, other)
            lines_kept.append(count >= max(1, len(own) * _OF_A_LINE))
            if lines_kept[-1]:
                at, hits = end, hits + count
        return _whole_tables(lines, lines_kept), hits >= len(self._words) * _ENOUGH

    def _match(self, own: list[str], at: int) -> tuple[int, int]:
        """Return the end of the matched words from `at` on, each near the last, and their number."""
        count = 0
        for word in own:
            near = self._words[at : at + _WINDOW]
            if word in near:
                at += near.index(word) + 1
                count += 1
        return at, count

    def _jump(self, own: list[str], at: int) -> int | None:
        places = self._places.get(tuple(own[:_GRAM]), ()) if len(own) >= _GRAM else ()
        return next((place for place in places[:50] if place >= at), None)


def _whole_tables(lines: Sequence[str], lines_kept: list[bool | None]) -> list[bool | None]:
    """Keep a table as a whole if half of it is kept."""
    for is_row, group in groupby(range(len(lines)), key=lambda place: "\t" in lines[place]):
        places = list(group)
        if is_row and sum(lines_kept[place] is True for place in places) * 2 >= len(places):
            for place in places:
                lines_kept[place] = True
    return lines_kept


def _takes_own_lines(lines: Sequence[str], text: str, lines_kept: list[bool | None]) -> bool:
    """Keep all lines above the quotation if each occurs in the wanted text, in any order; return whether so."""
    end = next((place for place, line in enumerate(lines) if line.startswith(layout.QUOTED)), len(lines))
    own = [place for place in range(end) if lines_kept[place] is not None]
    text_words = set(_words(text))
    while own and not _is_said(lines[own[-1]], text_words):
        if not (line_rules.field_kind(line := lines[own[-1]][1:]) or line_rules.may_end_header(line)):
            return False
        own.pop()
    if not own or not all(_is_said(lines[place], text_words) for place in own):
        return False
    for place in own:
        lines_kept[place] = True
    return True


def _is_said(line: str, text_words: Collection[str]) -> bool:
    own = _words(line[1:])
    return sum(word in text_words for word in own) >= len(own) * _OF_A_LINE


def _lacking(text: str, shown: Sequence[str]) -> list[str]:
    """Return lines of the text that are not shown."""
    shown_words = {word for line in shown for word in _words(line)}
    lines = [(line, _words(line)) for line in text.split("\n")]
    return [line for line, own in lines if own and sum(word in shown_words for word in own) < len(own) * _OF_A_LINE]


def _words(text: str) -> list[str]:
    return [str(word) for word in _WORD.findall(bare(layout.MARK.sub(" ", text)))]


def _signature(lines: Sequence[str], lines_kept: Sequence[bool | None]) -> int:
    """Return the line at which the signature begins; the number of lines if there is none."""
    own = [place for place, line in enumerate(lines) if line.startswith(layout.OWN) and line[1:].strip()]
    for place in reversed(own[-_LONGEST_SIGNATURE:]):
        if _CLOSING.match(lines[place][1:]):
            return place
    return len(lines)


def _signing(lines: Sequence[str], signed: int) -> frozenset[str]:
    """Return images in the signature, and small ones near the end of the own text."""
    own = [place for place, line in enumerate(lines) if line.startswith(layout.OWN) and line[1:].strip()]
    last = own[-_LONGEST_SIGNATURE] if len(own) > _LONGEST_SIGNATURE else -1
    return frozenset(
        match[2]
        for place in own
        for match in layout.MARK.finditer(lines[place])
        if place > signed or (match[1] == layout.SMALL and place > last)
    )


def _shown_whole(lines: Sequence[str], signed: int) -> list[str]:
    return [
        _without_small(line) if place > signed and line.startswith(layout.OWN) else line
        for place, line in enumerate(lines)
    ]


def _shown(lines: Sequence[str], lines_kept: Sequence[bool | None], signed: int) -> list[str]:
    """Return the lines of the new text with their images, including those wrongly placed below the signature."""
    shown, between, passed = list[str](), list[str](), list[str]()
    for place, line in enumerate(lines):
        own = line.startswith(layout.OWN)
        if lines_kept[place]:
            shown += [*between, line]
            between, passed = [], []
        elif lines_kept[place] is False:
            passed.append(line)
        elif own and layout.PICTURE in line and _is_signature(passed):
            line = _without_small(line) if passed or place > signed else line
            shown += [*([] if passed else between), line]
            between = []
        elif own and not passed:
            between.append(line)
    return shown


def _is_signature(lines: Sequence[str]) -> bool:
    """Return whether the skipped lines are only a signature: short, and without a header of another mail."""
    return len(lines) <= _LONGEST_SIGNATURE and not any(
        line.startswith(layout.QUOTED) or line_rules.field_kind(line[1:]) or line_rules.is_date_line(line[1:])
        for line in lines
    )


def _without_small(line: str) -> str:
    return layout.MARK.sub(lambda match: "" if match[1] == layout.SMALL else match[0], line)


def _tidy(lines: Iterable[str]) -> str:
    out: list[str] = []
    for line in _narrowed(lines):
        if line.strip() or (out and out[-1].strip()):
            out.append(line.rstrip(" \n\r"))
    return "\n".join(out).strip("\n")


def _narrowed(lines: Iterable[str]) -> list[str]:
    """Remove empty columns of tables."""
    out: list[str] = []
    for is_row, group in groupby(lines, key=lambda line: "\t" in line):
        rows = [line.split("\t") for line in group]
        if not is_row:
            out += [cells[0] for cells in rows]
            continue
        width = max(map(len, rows))
        rows = [cells + [""] * (width - len(cells)) for cells in rows]
        full = [place for place in range(width) if any(cells[place].strip() for cells in rows)]
        for cells in rows:
            cells_kept = [cells[place] for place in full]
            out += ["\t".join(cells_kept)] if len(cells_kept) > 1 else "".join(cells_kept).split(layout.BREAK)
    return out
