"""Classify the lines of a reply in one pass: new, quoted, header, footer."""

from otklik.mail.parse import limits
from otklik.mail.parse.reply import line_rules

CUT = "\x02"
"""A line that is only this: the HTML says that the quoted mail starts here."""

KEEP, QUOTE, DROP = 0, 1, 2
_LOOK_BACK = 200
_HEADER_LINES = 4
_HEAD_FIELDS = 9


class Scanner:
    """Marks each line as new text, quotation or signature.

    `lines` may be split where a quote header follows new text on the same line.
    """

    def __init__(self, lines: list[str], *, forward: bool = False, unsure: bool = False) -> None:
        """`forward`: the mail forwards another one, which is content. `unsure`: quotations without an introduction are
        content too."""
        self.lines = lines
        self.forward = forward
        self.unsure = unsure
        self.marks = [KEEP] * len(lines)
        self.cited = self._cited()
        self.next_full = self._next_full()
        self.kept_before: dict[int, str] = {}
        self.introduced = False
        self.quoted = False
        self.checks_left = limits.HEADER_CHECKS

    def run(self) -> list[int]:
        """Return the marks, one per line. Call once."""
        end = self._quotations()
        if (self.forward or self.unsure) and not self.introduced:
            self.marks = [KEEP] * len(self.lines)
            end = len(self.lines)
        self._signatures(end)
        return self.marks

    def _cited(self) -> list[bool]:
        """Return for each line whether its beginning marks a quotation."""
        out, before, cited_before = [], "", False
        for line in self.lines:
            cited = line_rules.is_cited(line) or line_rules.is_cited_by_initials(
                line, before, cited_before=cited_before
            )
            out.append(cited)
            if line.strip():
                before, cited_before = line, cited
        return out

    def _next_full(self) -> list[int]:
        """Return for each line the next non-blank one."""
        out, following = [0] * len(self.lines), len(self.lines)
        for index in range(len(self.lines) - 1, -1, -1):
            out[index] = following
            if self.lines[index].strip():
                following = index
        return out

    def _quotations(self) -> int:
        """Mark quotations; return the line from which everything was cut, or the number of lines."""
        for index, line in enumerate(self.lines):
            if not line.strip():
                continue
            if len(line) > limits.LINE_CHARS:
                self.marks[index] = QUOTE if self.cited[index] else KEEP
                continue
            if line_rules.is_forwarded(line):
                self.introduced = True
                return len(self.lines)
            if self._ends_here(index):
                return self._cut(index)
            if line_rules.may_end_header(line) and (first := self.header_before(index)) is not None:
                self.introduced = True
                if not self._cited_below(index) and not self.cited[first] and self._has_words_before(first):
                    return self._cut(first)
                self._mark(self._below_rule(first), index + 1)
            elif self.cited[index] or self._is_wrapped(index):
                self.marks[index] = QUOTE
                self.quoted = True
                self.introduced = self.introduced or self._introduces(index)
        return len(self.lines)

    def _introduces(self, index: int) -> bool:
        """Return whether a quoted line is itself a quote header, as Apple Mail and mail.ru write them."""
        if self.checks_left <= 0:
            return False
        self.checks_left -= 1
        bare = line_rules.uncited(self.lines[index])
        return (
            line_rules.may_end_header(bare) and line_rules.is_quote_header(bare, cited_below=True)
        ) or line_rules.field_kind(bare) == "from"

    def _mark(self, start: int, end: int) -> None:
        self.quoted = True
        for position in range(start, end):
            self.marks[position] = QUOTE

    def _is_wrapped(self, index: int) -> bool:
        """Return whether the line was broken off a quoted line by a mail program."""
        if not (0 < index < len(self.lines) - 1 and self.cited[index - 1] and self.cited[index + 1]):
            return False
        before, bare = self.lines[index - 1].rstrip(), self.lines[index].strip()
        return (
            bare[:1].islower()
            or bare.startswith(("(http", "<http", "http"))
            or (len(before) >= 60 and before[-1] not in ".?!:;")
        )

    def _ends_here(self, index: int) -> bool:
        """Return whether everything from this line on is the quoted mail."""
        line = self.lines[index]
        if line == CUT:
            return not self.forward and self._has_words_before(index)
        if line_rules.is_marker(line):
            return True
        if self.cited[index] or self.forward:
            return False
        if line_rules.is_original(line):
            return self._has_words_before(index) or self._head_block(self.next_full[index])
        return (self._head_block(index) or self._notes_block(index)) and self._has_words_before(index)

    def _notes_block(self, index: int) -> bool:
        """Recognize Lotus Notes: the sender, a line with the date, then `To:` and `Subject:`."""
        date = self.next_full[index]
        if date >= len(self.lines) or not line_rules.is_date_line(self.lines[date]) or len(self.lines[index]) > 120:
            return False
        return {"to", "subject"} <= self._kinds(self.next_full[date])

    def _has_words_before(self, index: int) -> bool:
        if index in self.kept_before:
            return True
        nearest = range(index - 1, max(-1, index - 1 - _LOOK_BACK), -1)
        return any(self.marks[i] == KEEP and self.lines[i].strip() and self.lines[i] != CUT for i in nearest)

    def _head_block(self, index: int) -> bool:
        """Return whether the header block of a quoted mail begins here: three fields, in any language, close
        together."""
        if index >= len(self.lines) or line_rules.field_kind(self.lines[index]) is None:
            return False
        kinds = self._kinds(index)
        return "from" in kinds and len(kinds) >= 3

    def _kinds(self, position: int) -> set[str]:
        """Return the kinds of fields on the next nine non-blank lines."""
        kinds: set[str] = set()
        for _ in range(_HEAD_FIELDS):
            if position >= len(self.lines):
                break
            kind = line_rules.field_kind(self.lines[position])
            kinds.update([kind] if kind else [])
            position = self.next_full[position]
        return kinds

    def header_before(self, index: int) -> int | None:
        """Return the first line of the quote header that ends here, None if there is none. The shortest wins."""
        if self.checks_left <= 0:
            return None
        self.checks_left -= 1
        if self.cited[index]:
            return self._broken_header(index)
        cited_below = self._cited_below(index)
        joined, first = "", index
        fallback: int | None = None
        for _ in range(_HEADER_LINES):
            line = self.lines[first]
            if (
                len(line) > limits.LINE_CHARS
                or self.marks[first] != KEEP
                or (first < index and (not line.strip() or line == CUT))
            ):
                break
            joined = f"{line.strip()} {joined}".strip()
            if line_rules.is_quote_header(joined, cited_below=cited_below):
                if line_rules.starts_header(joined):
                    return self._whole_header(first)
                fallback = first if first == index else fallback
            if first == 0:
                break
            first -= 1
        return self._glued(index, cited_below) if fallback is None else self._unglued(fallback)

    def _whole_header(self, first: int) -> int:
        """Move up a line if the header really begins there: `On Tue, 3 Feb` broken before the year."""
        above = first - 1
        if (
            above >= 0
            and self.marks[above] == KEEP
            and len(self.lines[above]) < 120
            and not self.lines[above].rstrip().endswith((".", "!", "?", ":"))
        ):
            return above if line_rules.is_dated_intro(self.lines[above]) else first
        return first

    def _broken_header(self, index: int) -> int | None:
        """Recognize `> wrote:` as the last line of a header that was broken before its closing bracket."""
        if not line_rules.is_verb_only(self.lines[index]):
            return None
        full = [i for i in range(index - 1, max(-1, index - 8), -1) if self.lines[i].strip()][:_HEADER_LINES]
        for first in full:
            if self.cited[first] or self.marks[first] != KEEP:
                return None
            if line_rules.is_dated_intro(self.lines[first]):
                return first
        return None

    def _glued(self, index: int, cited_below: bool) -> int | None:
        """Recognize a header at the end of a line of new text, which stays."""
        line = self.lines[index]
        start = line_rules.split_intro(line) if len(line) <= limits.LINE_CHARS else 0
        if not start or not line_rules.is_quote_header(line[start:], cited_below=cited_below):
            return None
        return self._unglued(index)

    def _unglued(self, first: int) -> int:
        line = self.lines[first]
        start = line_rules.split_intro(line)
        if start:
            self.lines[first] = line[start:]
            self.kept_before[first] = line[:start].rstrip(" -")
        return first

    def _cited_below(self, index: int) -> bool:
        below = self.next_full[index]
        return below < len(self.lines) and self.cited[below]

    def _cut(self, index: int) -> int:
        self.introduced = True
        self._mark(index, len(self.lines))
        while index > 0 and (
            not self.lines[index - 1].strip()
            or line_rules.is_rule(self.lines[index - 1])
            or line_rules.is_dashed_title(self.lines[index - 1])
        ):
            index -= 1
            self.marks[index] = QUOTE
        return index

    def _below_rule(self, first: int) -> int:
        """Return the ruler right above a header, or the header's first line."""
        above = first - 1
        return above if above >= 0 and self.marks[above] == KEEP and line_rules.is_rule(self.lines[above]) else first

    def _signatures(self, end: int) -> None:
        """Drop signatures, from `-- ` or `Sent from my phone` to the next quotation, and mailing-list footers."""
        index = 0
        while index < end:
            if self.marks[index] == KEEP and self.lines[index].strip() and self._signs(index, end):
                index = self._drop(index, end)
            index += 1

    def _signs(self, index: int, end: int) -> bool:
        line = self.lines[index]
        bare = line.strip(" \xa0\t")
        if bare in {"--", "—", "–", "- --", "-- --"}:
            return self.quoted or self._has_words_before(index)
        if line_rules.is_sent_from(line):
            if self._has_words_before(index):
                return True
            self.marks[index] = DROP
            return False
        return (
            bare.startswith("____")
            and line_rules.is_rule(bare)
            and line_rules.is_list_footer(self.lines[index + 1 : min(end, index + 6)])
        )

    def _drop(self, index: int, end: int) -> int:
        while index < end and self.marks[index] != QUOTE:
            self.marks[index] = DROP
            index += 1
        return index
