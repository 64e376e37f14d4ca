"""Parse one MIME header block into a list of fields, within limits and without failing."""

import re
from dataclasses import dataclass, field

from otklik.mail.parse import budget, limits

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:(?!//)")
_MBOX_FROM = re.compile(rb"(?:[ \t]*\r?\n)*>?From [^\r\n]*\r?\n")
_LINE_END = re.compile(rb"\r?\n")
_LEADING_BLANK = re.compile(rb"(?:[ \t]*\r?\n)*")

_CUT = "headers over the limit were not read"


@dataclass(slots=True)
class Fields:
    """Header fields in order: lower-case name and raw value, unfolded, without outer white space."""

    items: list[tuple[str, bytes]] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    # Unjoined lines of the last field: joining each at once would be quadratic.
    _folded: list[bytes] = field(default_factory=list)
    _size: int = 0

    def fold(self, line: bytes) -> None:
        """Append a continuation line to the last field, up to the limit."""
        if not self._folded:
            value = self.items[-1][1]
            self._folded, self._size = ([value] if value else []), len(value)
        if self._size + len(line) <= limits.HEADER_VALUE_BYTES:
            piece = line.strip()
            self._size += len(piece) + bool(self._folded)
            self._folded.append(piece)
        else:
            self.cut()

    def cut(self) -> None:
        """Record that part of the headers was not read."""
        if _CUT not in self.defects:
            self.defects.append(_CUT)

    def join(self) -> None:
        """Complete the last field's value."""
        if self._folded:
            self.items[-1] = (self.items[-1][0], b" ".join(self._folded))
            self._folded = []

    def all(self, name: str) -> list[bytes]:
        """Return all values of a field, topmost first."""
        return [value for key, value in self.items if key == name]

    def first(self, name: str) -> bytes:
        """Return the topmost non-empty value of a field, or b""."""
        return next((value for key, value in self.items if key == name and value), b"")

    def text(self, name: str) -> str:
        """Return the topmost value as Latin-1 text, for machine-readable fields."""
        return self.first(name).decode("latin-1").strip()


def normal_line_ends(raw: bytes) -> bytes:
    """Return the mail with line ends repaired: CR alone and CR CR LF; others are left alone."""
    head = raw[:8192]
    if b"\r\r\n" in head:
        return raw.replace(b"\r\r\n", b"\r\n")
    return raw if b"\n" in head or b"\r" not in head else raw.replace(b"\r", b"\n")


def skip_envelope(raw: bytes) -> int:
    """Return where the headers begin: after blank lines and an mbox `From ` line."""
    match = _MBOX_FROM.match(raw) or _LEADING_BLANK.match(raw)
    start = match.end() if match else 0
    again = _MBOX_FROM.match(raw, start)
    return again.end() if again else start


def read_fields(raw: bytes, start: int, end: int) -> tuple[Fields, int]:
    """Return the fields of the block at `start`, and where the body begins. Bounded by the limits."""
    fields, body = _read_fields(raw, start, end)
    fields.join()
    budget.take(budget.Work.HEADS, min(body - start, limits.HEADER_BYTES))
    return fields, body


def _read_fields(raw: bytes, start: int, end: int) -> tuple[Fields, int]:
    fields, position, stray, sure = Fields(), start, 0, start
    room = start + max(limits.HEAD_BYTES_AT_LEAST, min(limits.HEADER_BYTES, budget.left(budget.Work.HEADS)))
    while position < end:
        stop, following = _line(raw, position, end)
        line = raw[position : min(stop, room)]
        if not line.strip():
            if not line or not _continues(raw, following, end, fields):
                return fields, following
        elif line[:1] in b" \t" and fields.items:
            fields.fold(line)
        elif (match := _FIELD.match(line)) is not None and line[:2] != b"--":
            _add(fields, match, line)
        else:
            stray += 1
            if position >= sure:
                sure = _more_fields(raw, following, end)
            if stray > limits.HEADER_LINE_SEARCH or sure < 0:
                fields.defects.append("headers end without an empty line")
                return fields, position
            fields.defects.append("a header line without a name was skipped")
        position = following
        if position > room:
            fields.cut()
            budget.refuse(budget.Work.HEADS)
            return fields, _after_blank(raw, position, end)
    return fields, end


def _line(raw: bytes, position: int, end: int) -> tuple[int, int]:
    newline = raw.find(b"\n", position, end)
    if newline < 0:
        return end, end
    stop = newline - 1 if newline > position and raw[newline - 1] == 13 else newline
    return stop, newline + 1


def _continues(raw: bytes, following: int, end: int, fields: Fields) -> bool:
    """Return whether a line of blanks is a fold within the headers rather than their end."""
    stop, _ = _line(raw, following, end)
    after = raw[following:stop]
    return (bool(fields.items) and (after[:1] in (b" ", b"\t") and bool(after.strip()))) or bool(
        _FIELD.match(after) and re.match(rb"(?i)content-|mime-version|subject:|from:|to:|date:|message-id:|x-", after)
    )


def _add(fields: Fields, match: re.Match[bytes], line: bytes) -> None:
    fields.join()
    value = line[match.end() :].strip()
    if len(fields.items) >= limits.HEADER_COUNT or len(value) > limits.HEADER_VALUE_BYTES:
        fields.cut()
    if len(fields.items) >= limits.HEADER_COUNT:
        return
    value = value[: limits.HEADER_VALUE_BYTES]
    fields.items.append((match.group(1).decode("ascii").lower(), value))


def _more_fields(raw: bytes, position: int, end: int) -> int:
    """Return where a stray line is followed, before the next empty line, by a certain header; -1 if nowhere."""
    for _ in range(20):
        if position >= end:
            return -1
        stop, following = _line(raw, position, end)
        line = raw[position:stop]
        if not line.strip():
            return -1
        if re.match(
            rb"(?i)(content-[a-z\-]+|mime-version|subject|from|to|cc|date|message-id|reply-to|received"
            rb"|return-path|x-[a-z0-9\-]+)[ \t]*:",
            line,
        ):
            return position
        position = following
    return -1


def _after_blank(raw: bytes, position: int, end: int) -> int:
    match = re.compile(rb"\n\r?\n").search(raw, position, end)
    return match.end() if match else end
