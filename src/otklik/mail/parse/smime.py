"""Unwrap opaque S/MIME signatures (RFC 8551, RFC 5652) without verifying them."""

from itertools import count

_SIGNED_DATA = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
_DATA = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
_ENCRYPTED = (
    b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03",
    b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17",
)
_SEQUENCE, _OCTETS, _PIECES, _EXPLICIT = 0x30, 0x04, 0x24, 0xA0
_MOST_PIECES = 100_000


def is_encrypted(der: bytes) -> bool:
    """Return whether the content can only be read with a key."""
    return any(kind in der[:40] for kind in _ENCRYPTED)


def signed_content(der: bytes) -> bytes:
    """Return the signed bytes; b"" if encrypted, detached or broken. Never raises."""
    try:
        return _content(der)
    except (IndexError, ValueError):
        return b""


def _content(der: bytes) -> bytes:
    """Descend to ContentInfo, SignedData and EncapsulatedContentInfo, always the first of its kind."""
    at, _end = _enter(der, 0, _SEQUENCE)
    at, _end = _enter(der, _after(der, at, _SIGNED_DATA), _EXPLICIT)
    at, _end = _enter(der, at, _SEQUENCE)
    at = _skip(der, _skip(der, at))
    at, _end = _enter(der, at, _SEQUENCE)
    at, _end = _enter(der, _after(der, at, _DATA), _EXPLICIT)
    if der[at] == _OCTETS:
        start, end = _enter(der, at, _OCTETS)
        return der[start:end]
    at, end = _enter(der, at, _PIECES)
    pieces: list[bytes] = []
    for number in count():
        if at >= end or der[at : at + 2] == b"\0\0" or number > _MOST_PIECES:
            return b"".join(pieces)
        start, at = _enter(der, at, _OCTETS)
        pieces.append(der[start:at])
    return b""


def _after(der: bytes, at: int, expected: bytes) -> int:
    if der[at : at + len(expected)] != expected:
        raise ValueError
    return at + len(expected)


def _enter(der: bytes, at: int, tag: int) -> tuple[int, int]:
    """Return the span of the content of the DER value at `at`; an indefinite length extends to the end."""
    if der[at] != tag:
        raise ValueError
    first = der[at + 1]
    if first == 0x80:
        return at + 2, len(der)
    size = first & 0x7F if first > 0x80 else 0
    length = int.from_bytes(der[at + 2 : at + 2 + size], "big") if size else first
    start = at + 2 + size
    if size > 4 or start + length > len(der):
        raise ValueError
    return start, start + length


def _skip(der: bytes, at: int) -> int:
    if der[at + 1] == 0x80:
        raise ValueError
    return _enter(der, at, der[at])[1]
