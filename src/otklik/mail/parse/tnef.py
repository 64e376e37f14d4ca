"""Parse Outlook's winmail.dat (MS-OXTNEF): files and text.

Written here because the library at hand copies the rest of the container for every attribute, loses all files
when one
property cannot be read, and counts padding as content.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from otklik.mail.parse import budget, charset, limits

_SIGNATURE = b"\x78\x9f\x3e\x22"
_BODY, _ATTACH_DATA, _ATTACH_TITLE, _ATTACH_START, _ATTACH_PROPS, _MAPI_PROPS, _CODEPAGE = (
    0x800C,
    0x800F,
    0x8010,
    0x9002,
    0x9005,
    0x9003,
    0x9007,
)
_P_BODY, _P_HTML, _P_CODEPAGE = 0x1000, 0x1013, 0x3FDE
_P_DATA, _P_NAME, _P_LONG_NAME, _P_DISPLAY = 0x3701, 0x3704, 0x3707, 0x3001
_P_MIME, _P_CONTENT_ID = 0x370E, 0x3712
_NAMES = {_P_NAME, _P_LONG_NAME, _P_DISPLAY, _P_MIME, _P_CONTENT_ID}
_FIXED = {0x2: 4, 0x3: 4, 0x4: 4, 0xA: 4, 0xB: 4, 0x5: 8, 0x6: 8, 0x7: 8, 0x14: 8, 0x40: 8, 0x48: 16, 0x1: 4}
_VARIABLE = {0xD, 0x1E, 0x1F, 0x102, 0x0}
_EMBEDDED = b"\x07\x03\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46"
# More than any real container has: its files bring some ten attributes each, those some twenty properties.
_MOST_ATTRIBUTES, _MOST_VALUES = 5_000, 20_000


@dataclass(slots=True)
class TnefFile:
    """A file in the container; the name is not cleaned."""

    name: str = ""
    content: bytes = b""
    content_type: str = ""
    content_id: str = ""
    title: str = ""
    display: str = ""


@dataclass(slots=True)
class Opened:
    """The content of winmail.dat: files, and bodies if any."""

    files: list[TnefFile] = field(default_factory=list)
    text: str = ""
    html: str = ""


def is_container(content: bytes) -> bool:
    """Return whether the data is a TNEF container, by its signature."""
    return content.startswith(_SIGNATURE) and len(content) > 15


def open_container(content: bytes) -> Opened:
    """Return the content of a container, as far as it is readable. Never raises; linear."""
    opened, codepage, room = Opened(), "cp1252", _Room()
    if len(content) > limits.TNEF_BYTES or not is_container(content):
        return opened
    for name, data in _attributes(content):
        if name == _ATTACH_START and len(opened.files) < limits.TNEF_FILES:
            opened.files.append(TnefFile())
        elif name == _CODEPAGE and len(data) >= 4:
            codepage = charset.codec_name(f"cp{struct.unpack_from('<I', data)[0]}") or codepage
        elif name == _BODY:
            opened.text = opened.text or _string(budget.cut(budget.Work.TEXT, data, limits.TEXT_BYTES), codepage)
        elif name == _MAPI_PROPS:
            _message(opened, _properties(data, room), codepage)
        elif opened.files:
            _file(opened.files[-1], name, data, codepage, room)
    for file in opened.files:
        file.name = file.name or file.title or file.display
    return opened


def _attributes(content: bytes) -> Iterator[tuple[int, bytes]]:
    position = 6
    for _number in range(_MOST_ATTRIBUTES):
        if position + 9 > len(content):
            return
        name, _, length = struct.unpack_from("<HHI", content, position + 1)
        position += 9
        yield name, content[position : position + length]
        position += length + 2
    budget.refuse(budget.Work.OPENED)


def _file(file: TnefFile, name: int, data: bytes, codepage: str, room: "_Room") -> None:
    if name == _ATTACH_DATA:
        file.content = data
    elif name == _ATTACH_TITLE:
        file.title = _string(data[: limits.NAME_BYTES], codepage)
    elif name == _ATTACH_PROPS:
        for prop, kind, value in _properties(data, room):
            text = _text(kind, value[: limits.NAME_BYTES], codepage) if prop in _NAMES else ""
            if prop == _P_DATA and not file.content:
                file.content = value.removeprefix(_EMBEDDED)
            elif prop == _P_LONG_NAME and text:
                file.name = text
            elif prop == _P_NAME:
                file.title = text or file.title
            elif prop == _P_DISPLAY:
                file.display = text
            elif prop == _P_MIME:
                file.content_type = text.lower()
            elif prop == _P_CONTENT_ID:
                file.content_id = text.strip("<>")


def _message(opened: Opened, properties: Iterator[tuple[int, int, bytes]], codepage: str) -> None:
    messages = [(prop, kind, value) for prop, kind, value in properties if prop in {_P_BODY, _P_HTML, _P_CODEPAGE}]
    for prop, _, value in messages:
        if prop == _P_CODEPAGE and len(value) >= 4:
            number = struct.unpack_from("<I", value)[0]
            codepage = (
                charset.codec_name({65001: "utf-8", 20866: "koi8-r", 28591: "latin1"}.get(number, f"cp{number}"))
                or codepage
            )
    for prop, kind, value in messages:
        if prop == _P_BODY:
            value = budget.cut(budget.Work.TEXT, value, limits.TEXT_BYTES)
            opened.text = _text(kind, value, codepage) or opened.text
        elif prop == _P_HTML:
            opened.html = _string(budget.cut(budget.Work.TEXT, value, limits.TEXT_BYTES), codepage)


@dataclass(slots=True)
class _Room:
    """How many property values may still be read; exceeding it is recorded in `budget`."""

    left: int = _MOST_VALUES

    def take(self, count: int) -> None:
        """Take from it. Raises ValueError if it is exhausted."""
        self.left -= count
        if self.left < 0:
            budget.refuse(budget.Work.OPENED)
            raise ValueError(count)


def _properties(data: bytes, room: _Room) -> Iterator[tuple[int, int, bytes]]:
    """Yield MAPI properties: id, type, first value. Stops at the first invalid one."""
    try:
        count, position = struct.unpack_from("<I", data)[0], 4
        for _ in range(count):
            room.take(1)
            kind, prop = struct.unpack_from("<HH", data, position)
            position = _after_name(data, position + 4, prop)
            value, position = _first_value(data, position, kind, room)
            if value is not None:
                yield prop, kind & 0xFFF, value
    except (struct.error, ValueError):
        return


def _after_name(data: bytes, position: int, prop: int) -> int:
    """Skip the GUID and name of a named property."""
    if prop < 0x8000:
        return position
    (by_name,) = struct.unpack_from("<I", data, position + 16)
    if not by_name:
        return position + 24
    (length,) = struct.unpack_from("<I", data, position + 20)
    return position + 24 + _padded(length)


def _first_value(data: bytes, position: int, kind: int, room: _Room) -> tuple[bytes | None, int]:
    """Return a property's first value, None if it has none, and where the next property begins."""
    many, kind = bool(kind & 0x1000), kind & 0xFFF
    count = 1
    if many or kind in _VARIABLE:
        (count,) = struct.unpack_from("<I", data, position)
        position += 4
    if (kind not in _VARIABLE and kind not in _FIXED) or count > len(data):
        raise ValueError(kind)
    if kind in _FIXED:
        size = 2 if many and kind in {0x2, 0xB} else _FIXED[kind]
        first = data[position : position + size] if count else None
        return first, position + _padded(size * count)
    return _first_string(data, position, count, room)


def _first_string(data: bytes, position: int, count: int, room: _Room) -> tuple[bytes | None, int]:
    first = None
    room.take(count)
    for _ in range(count):
        (length,) = struct.unpack_from("<I", data, position)
        first = data[position + 4 : position + 4 + length] if first is None else first
        position += 4 + _padded(length)
    return first, position


def _padded(length: int) -> int:
    return length + (-length % 4)


def _text(kind: int, value: bytes, codepage: str) -> str:
    if kind == 0x1F:
        return value.decode("utf-16-le", "replace").split("\x00", 1)[0]
    return _string(value[: 2 * limits.TEXT_CHARS], codepage) if kind in {0x1E, 0x102} else ""


def _string(value: bytes, codepage: str) -> str:
    return charset.decode(value.split(b"\x00", 1)[0], codepage)
