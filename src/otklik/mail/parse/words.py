"""Encoded words of headers (RFC 2047), as senders really write them."""

import base64
import binascii
import re

from otklik.mail.parse import charset

_WORD = re.compile(
    rb"=\?([A-Za-z0-9_.:+\-]{1,60})(?:\*[A-Za-z\-]*)?\?([bBqQ])\?(.{0,12000}?)\?=(?![0-9A-Fa-f]{2}=[0-9A-Fa-f]{2})",
    re.DOTALL,
)
_OPEN_WORD = re.compile(rb"=\?([A-Za-z0-9_.:+\-]{1,60})(?:\*[A-Za-z\-]*)?\?([bBqQ])\?([^?]*)\??$", re.DOTALL)
_Q_BYTE = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_B64 = re.compile(rb"[^A-Za-z0-9+/]+")


def decode_header(raw: bytes, hint: str = "") -> str:
    """Text of a header value: encoded words decoded, neighbours joined before decoding, raw 8-bit bytes
    guessed.

    Never raises. White space between two encoded words vanishes, elsewhere it stays. `hint` names the charset
    the rest
    of the mail is written in.
    """
    if b"=?" not in raw:
        return charset.decode(raw, "", hint)
    out: list[str] = []
    run: list[bytes] = []
    label, end = "", 0
    for found in _WORD.finditer(raw):
        between = raw[end : found.start()]
        name, data = found.group(1).decode("ascii"), _bytes_of(found.group(2), found.group(3))
        joins = end > 0 and not between.strip()
        if run and not (joins and name.lower() == label.lower()):
            out.append(charset.decode(b"".join(run), label, hint))
            run = []
        if not joins:
            out.append(_plain(between, hint))
        run.append(data)
        label, end = name, found.end()
    if run:
        out.append(charset.decode(b"".join(run), label, hint))
    return "".join(out) + _tail(raw[end:], hint)


def _plain(raw: bytes, hint: str) -> str:
    return charset.decode(raw, "", hint) if raw else ""


def _tail(raw: bytes, hint: str) -> str:
    """What follows the last encoded word, which may be a word that was cut off."""
    found = _OPEN_WORD.search(raw)
    if found is None:
        return _plain(raw, hint)
    data = _bytes_of(found.group(2), found.group(3))
    return _plain(raw[: found.start()], hint) + charset.decode(data, found.group(1).decode("ascii"), hint)


def _bytes_of(kind: bytes, data: bytes) -> bytes:
    if kind in b"bB":
        return b64(data)
    return _Q_BYTE.sub(lambda m: bytes([int(m.group(1), 16)]), data.replace(b"_", b" "))


def b64(data: bytes) -> bytes:
    """Base64 decoded as far as it goes: strange characters are skipped, missing padding is added.

    Never raises.
    """
    pieces = [p for p in data.split(b"=") if p.strip()] if b"=" in data.strip().rstrip(b"=") else [data]
    return b"".join(_b64_piece(_NOT_B64.sub(b"", p)) for p in pieces)


def _b64_piece(clean: bytes) -> bytes:
    if len(clean) % 4 == 1:
        clean = clean[:-1]
    try:
        return base64.b64decode(clean + b"=" * (-len(clean) % 4))
    except (binascii.Error, ValueError):
        return b""
