"""New words of a reply whose original is known: lines that neither repeat nor introduce it (ADR 62)."""

from collections.abc import Sequence

from otklik.mail.parse.reply import line_rules, repeated_answers
from otklik.mail.parse.reply.known_text import Known, Place, is_picture, letters, links
from otklik.mail.parse.reply.line_scanner import CUT, Scanner
from otklik.mail.parse.reply.quote_markers import is_banner, sign_of, with_usual_sign
from otklik.mail.parse.reply.quoted_headers import HEAD_LINES, head_before
from otklik.mail.parse.reply.signature import signature_lines
from otklik.mail.parse.reply.trim import Trimmed, append_blank_line, collapse_blanks, join_trimmed, split_searchable

_ENOUGH, _GRAM = 24, 12
_BANNER_LINES, _TAG_LINES = 8, 16
_MOST_SPLITS = 500


def new_words(text: str, known: Known, *, names: Sequence[str] = (), html: bool = False, shown: str = "") -> Trimmed:
    """Split a reply into new text and quotation, in whatever order, by comparison with known texts.

    `known`: the answered mail first, then what else may be quoted. `names`: names of that mail's author. `html`:
    quotation marks `> ` were derived from HTML, not typed, except in lines that `shown`, the same body without marks,
    has as well. `found` tells whether a known text is quoted.
    """
    lines, rest = split_searchable(text)
    answer = _Answer(lines, known, names)
    answer.typed = {line for line in shown.split("\n") if line_rules.is_cited(line)}
    answer.read()
    answer_lines, gone = answer.split(html=html)
    return Trimmed(join_trimmed([*answer_lines, *([rest] if rest else [])]), join_trimmed(gone), any(answer.ours))


class _Answer:
    """The lines of a reply, and which of them are not new."""

    def __init__(self, lines: list[str], known: Known, names: Sequence[str]) -> None:
        self.lines = lines
        self.known = known
        self.names = [piece for name in names if len(piece := letters(name)) > 2]
        sign = sign_of(lines, known)
        plain = self._without_initials([with_usual_sign(line, sign) for line in lines] if sign else lines)
        self.cited = [line_rules.is_cited(line) for line in plain]
        self.bare = [line_rules.uncited(line) if cited else line for line, cited in zip(plain, self.cited, strict=True)]
        self.full = [i for i, line in enumerate(self.bare) if line.strip()]
        self.position = {index: position for position, index in enumerate(self.full)}
        self.places: dict[int, Place] = {}
        self.ours = [False] * len(lines)
        self.intro = [False] * len(lines)
        self.kept_before: dict[int, str] = {}
        self.behind: dict[int, str] = {}
        self.typed: set[str] = set()
        self.splits_left = _MOST_SPLITS

    def read(self) -> None:
        """Find the quotations and their introductions. Call once."""
        self._place()
        signed = sum(self._size(i) for i in self.places if self.cited[i])
        loose = sum(self._size(i) for i in self.places if not self.cited[i])
        if signed and signed * 2 >= loose:
            self._take_signed()
        else:
            self._take_loose()
        self._take_links()
        self._introductions()

    def _without_initials(self, lines: list[str]) -> list[str]:
        """Return the lines with `AP>` removed before known text."""
        begins = [line_rules.initials(line) for line in lines]
        pieces = [letters(line[len(begin) :]) if begin else "" for line, begin in zip(lines, begins, strict=True)]
        known = {begin.strip(" >") for begin, piece in zip(begins, pieces, strict=True) if self._is_line(piece)}
        return [
            ">" + line[len(begin) :] if begin and begin.strip(" >") in known else line
            for line, begin in zip(lines, begins, strict=True)
        ]

    def _is_line(self, piece: str) -> bool:
        return len(piece) >= _GRAM and self.known.place(piece, None) is not None

    def _size(self, index: int) -> int:
        return self.places[index].end - self.places[index].start

    def _place(self) -> None:
        after: Place | None = None
        for index in self.full:
            piece = letters(self.bare[index])
            place = self.known.place(piece, after) if piece else None
            if place is not None:
                self.places[index] = place
                if self.cited[index] or len(piece) >= _GRAM or self._goes_on(place, after):
                    after = place
            elif piece and (self.cited[index] or after is not None):
                after = self._split(index, after)
        self._forget()

    def _forget(self) -> None:
        """Drop matches of earlier messages above the quoted mail: there somebody wrote the same again.

        Also a short line that matches out of order.
        """
        first = next((i for i in self.full if self._is_of_mail(i)), 0)
        again = repeated_answers.between(self.full, self.places, self.known)
        for index in [i for i in self.places if i < first or i in again or self._is_chance(i)]:
            del self.places[index]
        below: Place | None = None
        for index in reversed(self.full):
            place = self.places.get(index)
            if place is None:
                continue
            if self._size(index) >= _GRAM:
                below = place
            elif below and place.document == below.document and below.start < place.start:
                del self.places[index]

    def _is_chance(self, index: int) -> bool:
        """Return whether a short line matches earlier text by chance, since no neighbouring line does."""
        place, position = self.places[index], self.position[index]
        if self._size(index) >= _GRAM or self.known.is_of_mail(place) or self.known.is_all(place):
            return False
        above, below = (self.full[at] if 0 <= at < len(self.full) else -1 for at in (position - 1, position + 1))
        after = self.places.get(below)
        return not self._goes_on(place, self.places.get(above)) and not (after and self._goes_on(after, place))

    def _is_of_mail(self, index: int) -> bool:
        place = self.places.get(index)
        return place is not None and self.known.is_of_mail(place) and self._size(index) >= _GRAM

    def _split(self, index: int, after: Place | None) -> Place | None:
        """Look for an answer behind a known line; return the place of that line, otherwise `after`."""
        self.splits_left -= 1
        place = self.known.beginning(self.bare[index], after) if self.splits_left >= 0 else None
        if place is None or not (self.cited[index] or self._goes_on(place[0], after)):
            return after
        self.behind[index] = self.bare[index][place[1] :]
        return place[0]

    @staticmethod
    def _goes_on(place: Place, after: Place | None) -> bool:
        return after is not None and place.document == after.document and place.start == after.end

    def _take_signed(self) -> None:
        """The quotation is marked: an unmarked line belongs to it only if it continues the previous known line."""
        repeated, last = self._repeated(above=True), None
        for index in self.full:
            place = self.places.get(index)
            if place is None or index in repeated:
                continue
            above = self.places.get(index - 1) if index > 0 and self.ours[index - 1] else None
            broken = self._goes_on(place, above) and not self.known.is_whole_line(place)
            goes_on = broken if self._size(index) < _GRAM else self._goes_on(place, last)
            self.ours[index] = self.cited[index] or goes_on
            last = place if self.ours[index] or self._goes_on(place, last) else last

    def _take_loose(self) -> None:
        """The quotation is unmarked: it begins with enough known lines in a row, or below an introduction."""
        inside, last = False, None
        repeated, border = self._repeated() | self._repeated_below_all(), self._border()
        for position, index in enumerate(self.full):
            place = self.places.get(index)
            if place is None or index in repeated or position < border:
                continue
            inside = inside or border > 0 or self._begins(position)
            if inside and self._follows(place, last):
                self.ours[index], last = True, place
            elif self.cited[index]:
                self.ours[index] = True

    def _repeated_below_all(self) -> set[int]:
        ends = [line_rules.may_end_header(self.bare[i]) or self._head(at) is not None for at, i in enumerate(self.full)]
        return repeated_answers.below_all(self.full, self.places, self.known, ends)

    def _repeated(self, *, above: bool = False) -> set[int]:
        """Return lines that repeat a line of a far longer known run; `above`: only above it."""
        size, rows = dict[int, int](), self._rows()
        begin = max(rows, key=lambda places: sum(map(self._size, places)), default=[0])[0]
        for places in rows:
            size.update(dict.fromkeys(places, sum(self._size(i) for i in places)))
        longest = dict[str, int]()
        for index in self.places:
            piece = letters(self.bare[index])
            longest[piece] = max(longest.get(piece, 0), size[index])
        repeated = {i for i in self.places if size[i] * 2 < longest[letters(self.bare[i])]}
        return {i for i in repeated if i < begin} if above else repeated

    def _rows(self) -> list[list[int]]:
        """Group known lines that are consecutive both in the mail and in the known text."""
        rows: list[list[int]] = []
        above: int | None = None
        for index in self.full:
            place = self.places.get(index)
            if place is None:
                above = None
                continue
            if above is not None and self._goes_on(place, self.places[above]):
                rows[-1].append(index)
            else:
                rows.append([index])
            above = index
        return rows

    def _border(self) -> int:
        """Return where the quoted mail begins below its introduction, as a position in `full`; 0 if there is none."""
        for position, index in enumerate(self.full):
            line, below = self.bare[index], self.full[position + 1 : position + HEAD_LINES]
            ends = line == CUT or (line_rules.field_kind(line) and self._head(position) is not None)
            if ends and any(place in self.places for place in below):
                return position + 1
            first = self.places.get(below[0]) if below and line_rules.may_end_header(line) else None
            if first is not None and first.start == 0:
                return position + 1
        return 0

    def _begins(self, position: int) -> bool:
        index = self.full[position]
        above = self.bare[self.full[position - 1]] if position else ""
        if above == CUT or line_rules.may_end_header(above) or line_rules.field_kind(above):
            return True
        run, place = self._size(index), self.places[index]
        for other in self.full[position + 1 : position + 5]:
            if run >= _ENOUGH or not self._goes_on(self.places.get(other, place), place):
                break
            place = self.places[other]
            run += self._size(other)
        return run >= _ENOUGH

    @staticmethod
    def _follows(place: Place, last: Place | None) -> bool:
        if last is None or place.end - place.start >= _GRAM:
            return True
        return place.document == last.document and 0 <= place.start - last.end <= 400

    def _take_links(self) -> None:
        """Mark our marker, lines that are only a link of ours, and quoted lines of symbols below known ones."""
        above = 0
        for index, below in zip(self.full, [*self.full[1:], None], strict=False):
            line = self.bare[index]
            if self.ours[above] and self.known.has_piece_of_link(line, self.bare[above], cited=self.cited[index]):
                self.ours[index] = True
            bare = not letters(line)
            known = self.cited[index] or (line.strip() in self.known.signs and self._is_known(below))
            signs = bare and known and self.ours[above] and not links(line)
            ends = self.ours[above] and line_rules.is_end_of_forwarded(line)
            if ends or line_rules.is_marker(line) or signs or (bare and self.known.has_link(line)):
                self.ours[index] = True
            above = index

    def _is_known(self, index: int | None) -> bool:
        """Return whether the line is known, or None."""
        if index is None or self.ours[index]:
            return True
        return not letters(self.bare[index]) and self.known.has_link(self.bare[index])

    def _introductions(self) -> None:
        scanner = Scanner(list(self.bare))
        scanner.cited = list(self.ours)
        document: int | None = None
        for above, index in zip([None, *self.full], self.full, strict=False):
            if not self.ours[index]:
                continue
            place = self.places.get(index)
            if above is not None and not self.ours[above] and not self.intro[above] and above not in self.behind:
                moved = document is None or (place is not None and place.document != document)
                self._introduce(scanner, self._without_banner(scanner, above), border=moved)
            document = place.document if place else document
        last = self.full[-1] if self.full else None
        if last is not None and not self.ours[last] and self._names_author(last):
            self._introduce(scanner, last, border=True)
        self.kept_before = scanner.kept_before
        self.lines = [scanner.lines[i] if i in self.kept_before else line for i, line in enumerate(self.lines)]

    def _without_banner(self, scanner: Scanner, index: int) -> int:
        """Return the line that introduces the text below `index`; `index` itself if there is none.

        Skips a gateway's banner, quoted lines or new text between.
        """
        position = self.position[index]
        if self._may_introduce(scanner, position):
            return index
        for top in range(position - 1, max(-1, position - 1 - _BANNER_LINES), -1):
            between = self.full[top + 1 : position + 1]
            if self.ours[self.full[top]]:
                break
            scanner.cited[between[0]] = self.cited[between[0]]
            if self._may_introduce(scanner, top):
                return self.full[top] if self._is_part(between) or self._names_author(self.full[top]) else index
            scanner.cited[between[0]] = False
        return index

    def _may_introduce(self, scanner: Scanner, position: int) -> bool:
        return self._is_line_between(self.full[position]) or self._first(scanner, position) is not None

    def _is_part(self, between: Sequence[int]) -> bool:
        """Return whether lines between an introduction and known text belong to the quotation."""
        banner = is_banner([self.bare[place] for place in between])
        for place in between if banner else ():
            self.intro[place] = True
        return banner or all(self.cited[place] for place in between)

    def _names_author(self, index: int) -> bool:
        near_letters = letters("".join(self.bare[max(0, index - 3) : index + 1]))
        return any(name in near_letters for name in self.names)

    def _introduce(self, scanner: Scanner, index: int, *, border: bool) -> None:
        """Mark the introduction of the text below `index`."""
        if not border and not self.cited[index] and not self._names_author(index):
            return
        position = self.position.get(index, -1)
        taken = False
        while position >= 0:
            index = self.full[position]
            if self._is_line_between(index):
                start = index
            elif not taken and (first := self._first(scanner, position)) is not None:
                start, taken = first, True
            else:
                return
            for place in range(start, self.full[position] + 1):
                self.intro[place] = True
            while position >= 0 and self.full[position] >= start:
                position -= 1
            if start in scanner.kept_before:
                return

    def _is_line_between(self, index: int) -> bool:
        line = self.bare[index]
        return line == CUT or is_picture(line) or line_rules.is_separator(line)

    def _first(self, scanner: Scanner, position: int) -> int | None:
        """Return the first line of the introduction that ends here, None if there is none."""
        index = self.full[position]
        first = None
        if not line_rules.field_kind(self.bare[index]) and line_rules.may_end_header(self.bare[index]):
            first = scanner.header_before(index)
        return self._head(position) if first is None else first

    def _head(self, position: int) -> int | None:
        return head_before(self.bare, self.full, position)

    def split(self, *, html: bool) -> tuple[list[str], list[str]]:
        """Return the new text without signatures, and the rest."""
        border = next((i for i in self.full if self.ours[i]), len(self.lines))
        parts: tuple[list[str], list[str]] = ([], [])
        gone: list[str] = []
        for index, line in enumerate(self.lines):
            kept_lines = parts[index >= border]
            if index in self.kept_before:
                kept_lines.append(self.kept_before[index])
            if index in self.behind and (self.cited[index] or self._is_below_ours(index)):
                gone.append(line)
                kept_lines.append(self.behind[index])
            elif self.ours[index] or self.intro[index]:
                gone.append(line)
                append_blank_line(kept_lines)
            elif line != CUT and (self.bare[index].strip() or not self.cited[index] or self._closes(index, kept_lines)):
                kept_lines.append(self._as_written(index, html=html))
            elif self.cited[index]:
                append_blank_line(kept_lines)
        for kept_lines in parts:
            signs = signature_lines(kept_lines)
            gone.extend(kept_lines[i] for i in sorted(signs))
            kept_lines[:] = [line for i, line in enumerate(kept_lines) if i not in signs]
        return collapse_blanks([*parts[0], "", *parts[1]]), gone

    def _is_below_ours(self, index: int) -> bool:
        above = self.position[index] - 1
        while above >= 0 and self.full[above] in self.behind:
            above -= 1
        return above >= 0 and self.ours[self.full[above]]

    def _closes(self, index: int, kept_lines: Sequence[str]) -> bool:
        """Return whether a lone `>` closes a tag of pasted XML, or continues a command."""
        opened = "\n".join(kept_lines[-_TAG_LINES:]).rpartition("<")[2]
        begins = opened[:1].isalpha() or opened.startswith(("/", "!", "?"))
        return begins and kept_lines[-1] != "" and ">" not in opened and not self._is_among_quoted(index)

    def _as_written(self, index: int, *, html: bool) -> str:
        """Return a new line without its quotation mark if it is among marked known lines."""
        if not self.cited[index]:
            return self.lines[index]
        if html:
            return self._as_typed(index)
        return self.bare[index].lstrip() if self._is_among_quoted(index) else self.lines[index]

    def _is_among_quoted(self, index: int) -> bool:
        """Return whether quoted lines connect the line to a known one, above or below."""
        return any(self._leads_to_ours(index, step) for step in (-1, 1))

    def _leads_to_ours(self, index: int, step: int) -> bool:
        for place in range(index + step, index + step * (_BANNER_LINES + 1), step):
            if not 0 <= place < len(self.cited) or not self.cited[place]:
                return False
            if place in self.places and self.ours[place]:
                return True
        return False

    def _as_typed(self, index: int) -> str:
        """Return a line of HTML without the marks that we added; typed ones stay."""
        line = self.lines[index]
        while line not in self.typed and line.startswith("> "):
            line = line[2:]
        return line if line in self.typed else self.bare[index]
