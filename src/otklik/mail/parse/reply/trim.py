"""A linear scanner that splits the text of a reply into new words and quotations (AB-94)."""

from dataclasses import dataclass

from otklik.mail.parse import limits
from otklik.mail.parse.reply import rules

CUT = "\x02"
"""A line that is only this: the HTML says that the quoted mail starts here."""

_KEEP, _QUOTE, _DROP = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Trimmed:
    """`reply`: the new words; `quoted`: what was cut, in order; `found`: whether any quotation was recognised."""

    reply: str
    quoted: str
    found: bool


def trim(text: str, *, subject: str = "") -> Trimmed:
    """Split a text body. Time grows with its length; what lies beyond 200,000 characters stays in the reply unsearched.

    Forwarded mails are content and stay. Quoted lines between new lines are cut, the answers below them stay.
    """
    head, rest = text[: limits.REPLY_CHARS], text[limits.REPLY_CHARS :]
    if rest and "\n" in head:
        cut = head.rindex("\n")
        head, rest = head[:cut], head[cut:] + rest
    lines = head.split("\n")
    marks = _Scanner(lines, forward=rules.is_forward_subject(subject)).run()
    kept = [line for line, mark in zip(lines, marks, strict=True) if mark == _KEEP and line != CUT]
    gone = [line for line, mark in zip(lines, marks, strict=True) if mark != _KEEP and line != CUT]
    tail = "" if rest and marks[-1] != _KEEP else rest
    return Trimmed(_tidy(kept) + tail, _tidy(gone) + (rest if tail == "" else ""), _QUOTE in marks)


def _tidy(lines: list[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).strip("\n")


class _Scanner:
    """One pass over the lines; `marks` says for each what becomes of it."""

    def __init__(self, lines: list[str], *, forward: bool) -> None:
        self.lines = lines
        self.forward = forward
        self.marks = [_KEEP] * len(lines)
        self.cited = [rules.is_cited(line) for line in lines]
        self.next_full = self._next_full()

    def _next_full(self) -> list[int]:
        """For each line the next one that is not blank."""
        out, following = [0] * len(self.lines), len(self.lines)
        for index in range(len(self.lines) - 1, -1, -1):
            out[index] = following
            if self.lines[index].strip():
                following = index
        return out

    def run(self) -> list[int]:
        end = self._quotations()
        self._signature(end)
        self._sent_from(end)
        return self.marks

    def _quotations(self) -> int:
        """Mark quotations; the answer is the line where the rest of the mail was cut, or the number of lines."""
        index, count = 0, len(self.lines)
        while index < count:
            line = self.lines[index]
            if not line.strip():
                index += 1
            elif rules.is_forwarded(line):
                return count
            elif self._ends_here(index):
                return self._cut(index)
            elif self.cited[index]:
                self.marks[index] = _QUOTE
                index += 1
            else:
                length, all_below = self._header_at(index)
                if length and all_below:
                    return self._cut(index)
                for covered in range(index, index + length):
                    self.marks[covered] = _QUOTE
                index += max(1, length)
        return count

    def _ends_here(self, index: int) -> bool:
        line = self.lines[index]
        if line == CUT:
            return not self.forward and self._has_words_before(index)
        if rules.is_marker(line):
            return True
        if self.cited[index] or self.forward:
            return False
        if rules.is_original(line):
            return self._has_words_before(index) or self._head_block(self.next_full[index])
        if rules.is_rule(line):
            return self._has_words_before(index) and self._head_block(self.next_full[index])
        return self._head_block(index) and self._has_words_before(index)

    def _has_words_before(self, index: int) -> bool:
        return any(self.marks[i] == _KEEP and self.lines[i].strip() and self.lines[i] != CUT for i in range(max(0, index - 200), index))

    def _head_block(self, index: int) -> bool:
        """Whether a quoted mail's head begins here: `From:`, `Sent:`, `To:`, `Subject:` in any language, three of them close together."""
        if index >= len(self.lines) or rules.field_kind(self.lines[index]) is None:
            return False
        kinds: set[str] = set()
        seen, position = 0, index
        while position < len(self.lines) and seen < 9:
            kind = rules.field_kind(self.lines[position])
            kinds.update([kind] if kind else [])
            seen += 1
            position = self.next_full[position]
        return "from" in kinds and len(kinds) >= 3

    def _header_at(self, index: int) -> tuple[int, bool]:
        """How many lines a quote header takes from here (0: none), and whether everything below it is the quotation."""
        joined = ""
        for length in range(1, 5):
            position = index + length - 1
            if position >= len(self.lines) or not self.lines[position].strip() or len(self.lines[position]) > limits.LINE_CHARS:
                break
            if length > 1 and self.cited[position] and not self.lines[position].lstrip().startswith(">:"):
                break
            joined += (" " if joined else "") + self.lines[position].strip()
            below = self.next_full[position]
            cited_below = below < len(self.lines) and self.cited[below]
            if rules.is_quote_header(joined, cited_below=cited_below):
                return length, not cited_below and self._has_words_before(index)
        return 0, False

    def _cut(self, index: int) -> int:
        for position in range(index, len(self.lines)):
            self.marks[position] = _QUOTE
        while index > 0 and (not self.lines[index - 1].strip() or rules.is_rule(self.lines[index - 1])):
            index -= 1
            self.marks[index] = _QUOTE
        return index

    def _signature(self, end: int) -> None:
        """Drop a signature: from `-- ` to the end of the new words, or the footer of a mailing list."""
        for index in range(end):
            if self.marks[index] != _KEEP:
                continue
            bare = self.lines[index].rstrip()
            if bare in {"--", "—", "–", "- --"} and self._only_signature(index, end):
                self._drop(index, end)
                return
            if bare.startswith("____") and rules.is_rule(bare) and self._list_footer(index, end):
                self._drop(index, end)
                return

    def _only_signature(self, index: int, end: int) -> bool:
        """Whether something stands above the delimiter; a signature may not be the whole mail."""
        return self._has_words_before(index) or any(mark == _QUOTE for mark in self.marks[:index])

    def _list_footer(self, index: int, end: int) -> bool:
        return any(rules.is_list_footer(line) for line in self.lines[index + 1 : min(end, index + 6)])

    def _drop(self, index: int, end: int) -> None:
        for position in range(index, end):
            if self.marks[position] == _KEEP:
                self.marks[position] = _DROP

    def _sent_from(self, end: int) -> None:
        for index in range(end):
            if self.marks[index] == _KEEP and rules.is_sent_from(self.lines[index]):
                self.marks[index] = _DROP
