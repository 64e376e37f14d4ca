"""Detect UTF-16 and UTF-32 by the bytes, since labels and byte order marks may be wrong."""

import codecs

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf_32_le"),
    (codecs.BOM_UTF32_BE, "utf_32_be"),
    (codecs.BOM_UTF16_LE, "utf_16_le"),
    (codecs.BOM_UTF16_BE, "utf_16_be"),
)
_SAMPLE = 64 * 1024
_SHORTEST = 8


def decode(data: bytes, codec: str | None) -> str | None:
    """Decode UTF-16 or UTF-32; None if the bytes are single-byte text, whatever `codec` declares."""
    encoding = charset_of(data, codec)
    return None if encoding is None else _read(data[encoding[1] :], encoding[0])


def charset_of(data: bytes, codec: str | None) -> tuple[str, int] | None:
    """Return the Python codec of such bytes, and the length of the byte order mark; None for other bytes."""
    sample = data[:_SAMPLE]
    share = (sample.count(0) + sample.count(4)) / max(1, len(sample))
    labelled = codec is not None and codec.startswith(("utf_16", "utf_32"))
    marked = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), None)
    if labelled or marked:
        if not share or (share < 0.1 and _is_utf8(sample)):
            return None
    elif share < 0.25 or len(data) < _SHORTEST or not _is_regular(sample):
        return None
    if marked is not None:
        return marked[1], len(marked[0])
    if codec is not None and codec.startswith("utf_32"):
        return (codec if codec != "utf_32" else "utf_32_be" if sample[:1] == b"\x00" else "utf_32_le"), 0
    return _order(sample), 0


def without_mark(data: bytes) -> bytes:
    """The bytes without a byte order mark."""
    marks = (codecs.BOM_UTF8, *(mark for mark, _ in _MARKS))
    return data.removeprefix(next((mark for mark in marks if data.startswith(mark)), b""))


def _is_regular(sample: bytes) -> bool:
    """Return whether the high bytes of Latin and Cyrillic letters are at every other position."""
    first, second = (half.count(0) + half.count(4) for half in (sample[::2], sample[1::2]))
    return min(first, second) * 10 < max(first, second)


def _order(sample: bytes) -> str:
    first, second = sample[::2], sample[1::2]
    big = first.count(0) + first.count(4) > second.count(0) + second.count(4)
    return "utf_16_be" if big else "utf_16_le"


def _read(data: bytes, codec: str) -> str:
    width = 4 if "32" in codec else 2
    return data[: len(data) // width * width].decode(codec, "replace")


def _is_utf8(sample: bytes) -> bool:
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
