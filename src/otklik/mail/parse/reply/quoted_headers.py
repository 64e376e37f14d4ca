"""Recognise header blocks of quoted mails (`From:`, `Sent:`, `To:`, `Subject:`) above known lines."""

from collections.abc import Sequence

from otklik.mail.parse.reply import line_rules
from otklik.mail.parse.reply.line_scanner import CUT

HEAD_LINES = 16
_REST_LINES = 3
_SHORT = 2


def head_before(lines: Sequence[str], full: Sequence[int], position: int) -> int | None:
    """Return the first line of the header block that ends at a position in `full`, None if there is none.

    `full`: indexes of non-blank lines. Fields above belong to it only if nothing separates them and it has no such
    field.
    """
    head = _Head()
    titled = _is_titled(lines, full[max(0, position - HEAD_LINES) : position + 1])
    for back in range(position, max(-1, position - HEAD_LINES), -1):
        index = full[back]
        if head.is_parted_from(index):
            break
        kind = _field_kind(lines[index], titled=titled)
        if kind is None:
            if _begins_a_mail(lines[index]) and head.is_short:
                return head.first
            if head.begins_with_author or _begins_a_mail(lines[index]) or not _is_rest(lines, index):
                break
        elif head.ends_above(kind, lines[index]):
            break
        else:
            head.add(kind, lines[index], index)
        head.top = index
    return head.first if head.is_complete else None


def _is_titled(lines: Sequence[str], above: Sequence[int]) -> bool:
    """Return whether the last of these lines is a field without a colon below a separator: `From Olga <o@…>`."""
    for index in reversed(above):
        if line_rules.is_original(lines[index]):
            return True
        if line_rules.field_kind(lines[index]) or _field_kind(lines[index], titled=True) is None:
            return False
    return False


def _field_kind(line: str, *, titled: bool) -> str | None:
    """Return which field a line is; `titled`: also without a colon."""
    return line_rules.field_kind(line) or (
        line_rules.field_kind(line.strip().replace(" ", ": ", 1)) if titled else None
    )


class _Head:
    """The fields of a header block, read upwards."""

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self.names: set[str] = set()
        self.first: int | None = None
        self.top: int | None = None
        self.spaced = False

    @property
    def is_complete(self) -> bool:
        kinds = set(self.kinds)
        return "from" in kinds and len(kinds) >= 3

    @property
    def is_short(self) -> bool:
        """Whether it has the author and one other field: enough below a separator."""
        return "from" in self.kinds and len(set(self.kinds)) == _SHORT

    @property
    def begins_with_author(self) -> bool:
        """Whether it is complete and starts with From, as most programs write it."""
        return self.is_complete and self.kinds[-1] == "from"

    def add(self, kind: str, line: str, index: int) -> None:
        self.spaced = self.spaced or self._is_gap_below(index)
        self.kinds.append(kind)
        self.names.add(_name(line))
        self.first = index

    def is_parted_from(self, index: int) -> bool:
        """Return whether it is complete, and separated by an empty line from a line above."""
        return self.is_complete and self._is_gap_below(index) and not self.spaced

    def ends_above(self, kind: str, line: str) -> bool:
        """Return whether a field above it does not belong to it, as it has one of that kind."""
        if kind not in self.kinds:
            return False
        if not self.is_complete:
            return kind == "from"
        return self.begins_with_author or kind in {"from", "sent"} or _name(line) in self.names

    def _is_gap_below(self, index: int) -> bool:
        return self.top is not None and index + 1 < self.top


def _name(line: str) -> str:
    return line.replace("：", ":").partition(":")[0].strip(" \t\xa0*_>|").casefold()


def _begins_a_mail(line: str) -> bool:
    return line == CUT or line_rules.is_original(line) or line_rules.is_rule(line)


def _is_rest(lines: Sequence[str], position: int) -> bool:
    """Return whether a line continues a field two or three lines above, as long lists of recipients do."""
    for index in range(position - 1, max(-1, position - 1 - _REST_LINES), -1):
        if not lines[index].strip():
            return False
        if line_rules.field_kind(lines[index]):
            return True
    return False
