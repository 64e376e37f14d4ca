"""Decode encoded words in headers (RFC 2047), malformed ones included."""

import base64
import binascii
import re
import string
from collections.abc import Iterator
from typing import NamedTuple

from otklik.mail.parse import charset

_WORD_START = re.compile(rb"=\?([A-Za-z0-9_.:+\-]{1,60})(?:\*[A-Za-z\-]*)?\?([bBqQ])\?")
_WORD_END = re.compile(rb"\?=(?![0-9A-Fa-f]{2}=[0-9A-Fa-f]{2})")
_WORD_BYTES = 12_000
_MOST_PIECES = 10_000
_OPEN_WORD = re.compile(rb"=\?([A-Za-z0-9_.:+\-]{1,60})(?:\*[A-Za-z\-]*)?\?([bBqQ])\?([^?]*)\??$", re.DOTALL)
_Q_BYTE = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_B64 = bytes(set(range(256)) - set(string.ascii_letters.encode() + string.digits.encode() + b"+/"))


def decode_header(raw: bytes, hint: str = "") -> str:
    """Decode a header value: encoded words joined before decoding, raw 8-bit bytes guessed. Never raises.

    White space between encoded words is dropped, elsewhere it stays. `hint`: the charset of the rest of the mail.
    """
    if b"=?" not in raw:
        return charset.decode(raw, "", hint)
    out: list[str] = []
    run: list[bytes] = []
    label, end = "", 0
    for word in _encoded_words(raw):
        between = raw[end : word.start]
        name, data = word.label, _bytes_of(word.kind, word.data)
        joins = end > 0 and not between.strip()
        if run and not (joins and name.lower() == label.lower()):
            out.append(charset.decode(b"".join(run), label, hint))
            run = []
        if not joins:
            out.append(_plain(between, hint))
        run.append(data)
        label, end = name, word.end
    if run:
        out.append(charset.decode(b"".join(run), label, hint))
    return "".join(out) + _tail(raw[end:], hint)


class _Word(NamedTuple):
    start: int
    end: int
    label: str
    kind: bytes
    data: bytes


def _encoded_words(raw: bytes) -> Iterator[_Word]:
    """Yield encoded words, each up to the next `?=`, in linear time."""
    position, stop = 0, _WORD_END.search(raw)
    while stop is not None and (begin := _WORD_START.search(raw, position)) is not None:
        if stop.start() < begin.end():
            stop = _WORD_END.search(raw, begin.end())
            if stop is None:
                return
        if stop.start() - begin.end() > _WORD_BYTES:
            position = begin.end()
            continue
        data = raw[begin.end() : stop.start()]
        yield _Word(begin.start(), stop.end(), begin.group(1).decode("ascii"), begin.group(2), data)
        position = stop.end()


def _plain(raw: bytes, hint: str) -> str:
    return charset.decode(raw, "", hint) if raw else ""


def _tail(raw: bytes, hint: str) -> str:
    """Decode what follows the last encoded word, which may be a truncated word."""
    match = _OPEN_WORD.search(raw)
    if match is None:
        return _plain(raw, hint)
    data = _bytes_of(match.group(2), match.group(3))
    return _plain(raw[: match.start()], hint) + charset.decode(data, match.group(1).decode("ascii"), hint)


def _bytes_of(kind: bytes, data: bytes) -> bytes:
    if kind in b"bB":
        return b64(data)
    return _Q_BYTE.sub(lambda m: bytes([int(m.group(1), 16)]), data.replace(b"_", b" "))


def b64(data: bytes) -> bytes:
    """Decode base64 leniently: skip foreign characters, add missing padding. Never raises."""
    pieces = [data]
    if b"=" in data.strip().rstrip(b"="):
        # So many ends are none: each piece would cost as much as a whole file.
        few = data.count(b"=") <= _MOST_PIECES
        pieces = [p for p in data.split(b"=") if p.strip()] if few else [data.replace(b"=", b"")]
    return b"".join(_b64_piece(p.translate(None, _NOT_B64)) for p in pieces)


def _b64_piece(clean: bytes) -> bytes:
    if len(clean) % 4 == 1:
        clean = clean[:-1]
    try:
        return base64.b64decode(clean + b"=" * (-len(clean) % 4))
    except (binascii.Error, ValueError):
        return b""
