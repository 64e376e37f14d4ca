"""Decode Content-Transfer-Encoding: base64, quoted-printable, uuencode, and wrongly labelled ones."""

import binascii
import quopri
import re

from otklik.mail.parse import cyrillic, encoded_words, uuencode

_B64_SIGNS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t\n\r\f\v"
_URL_SIGNS = bytes.maketrans(b"-_", b"+/")
_CODE_LINE = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_HIGH = re.compile(rb"[\x80-\xff]")
_QP_BYTE = re.compile(rb"=[0-9A-Fa-f]{2}")
_QP_HIGH = re.compile(rb"=[89A-Fa-f][0-9A-Fa-f]")
_QP_SOFT = re.compile(rb"=[ \t]*\r?\n")
# Blanks that a way added behind the sign of a broken line; RFC 2045 section 6.7 has them deleted.
_QP_PADDED = re.compile(rb"=[ \t]++(?=\r?\n)")
_B64_BODY = re.compile(rb"\s*+[A-Za-z0-9+/]{40,}+[A-Za-z0-9+/\r\n]*+={0,2}+\s*+\Z")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MOST_TIMES, _SHORTEST = 2, 60
_BLANK_INSIDE = re.compile(rb"(?<=\S)[ \t]+\S")
_LOOKED_AT = 64 * 1024
_LONG_LINE, _SHORT_CODE, _FEW_LINES = 24, 200, 40
BASE64 = {"base64", "b64", "base-64"}
QUOTED = {"quoted-printable", "quotedprintable", "quoted_printable", "qp"}


def decode(data: bytes, encoding: str) -> bytes:
    """Undo a transfer encoding. Unknown ones, and those that the bytes contradict, leave the bytes unchanged. Never
    raises."""
    if encoding in BASE64:
        return _base64_among_words(data) or (data if _is_prose(data) else _base64(data))
    if encoding in QUOTED:
        return data if _is_unquoted(data) else _quoted(data)
    if encoding in {"x-uuencode", "uuencode", "x-uue", "uue"}:
        return uuencode.decode_all(data)
    return data


def undeclared(data: bytes) -> bytes:
    """Undo undeclared, wrongly declared or repeated encodings of a text part, only if nothing else fits."""
    for _again in range(_MOST_TIMES):
        inside = data if _HIGH.search(data) else _inside(data)
        if inside is data:
            break
        data = inside
    return data


def _inside(data: bytes) -> bytes:
    codes = len(_QP_HIGH.findall(data))
    if codes >= 4 and codes * 9 > len(data) and data.count(b"=") == _codes(data):
        return _quoted(data)
    if _B64_BODY.match(data) and _is_text(decoded := _base64(data)):
        return decoded
    return data


def _codes(data: bytes) -> int:
    return len(_QP_BYTE.findall(data)) + len(_QP_SOFT.findall(data)) + data.endswith(b"=")


def _is_prose(data: bytes) -> bool:
    """Return whether alleged base64 is in fact text."""
    sample = data[:_LOOKED_AT]
    lines = [line.strip() for line in sample.split(b"\n") if line.strip()]
    return 2 * sum(b" " in line for line in lines) > len(lines) or len(_HIGH.findall(sample)) * 10 > len(sample)


def _is_unquoted(data: bytes) -> bool:
    """Return whether alleged quoted-printable has raw letters and no encoded ones."""
    sample = data[:_LOOKED_AT]
    high = len(_HIGH.findall(sample))
    return high >= 10 and len(_QP_HIGH.findall(sample)) * 10 < high and not _QP_SOFT.search(sample)


def _is_text(data: bytes, times: int = _MOST_TIMES) -> bool:
    """Return whether bytes are text in UTF-8 or a single-byte charset, or such text in base64."""
    if _B64_BODY.match(data):
        return times > 1 and _is_text(_base64(data), times - 1)
    if b" " not in data.strip() or _CONTROL.search(data):
        return False
    try:
        return all(char.isprintable() or char in "\r\n\t" for char in data.decode("utf-8"))
    except UnicodeDecodeError:
        return len(data) >= _SHORTEST


def _quoted(data: bytes) -> bytes:
    return quopri.decodestring(_QP_PADDED.sub(b"=", data) if b"= " in data or b"=\t" in data else data)


def _base64(data: bytes) -> bytes:
    data = data.translate(_URL_SIGNS) if _is_for_links(data) else data
    try:
        return binascii.a2b_base64(data, strict_mode=False) if _is_all_base64(data) else encoded_words.b64(data)
    except binascii.Error:
        return encoded_words.b64(data)


def _is_all_base64(data: bytes) -> bool:
    """Return whether there are only base64 characters and white space. bytes.translate is ten times faster than a
    pattern."""
    return bool(data) and not data.translate(None, _B64_SIGNS)


def _is_for_links(data: bytes) -> bool:
    """Return whether it is in the URL-safe alphabet (RFC 4648 section 5), which some programs use."""
    if (b"-" not in data and b"_" not in data) or b"--" in data:  # dashes in a row rule something off
        return False
    return b"+" not in data and b"/" not in data and not data.translate(None, _B64_SIGNS + b"-_")


def _has_blank_inside(data: bytes) -> bool:
    """Return whether a line has inner blanks. Most files have none, which needs no pattern."""
    return (b" " in data or b"\t" in data) and _BLANK_INSIDE.search(data) is not None


def _base64_among_words(data: bytes) -> bytes:
    """Decode a block of base64 with readable lines that a gateway or list added around it.

    b"" if there is no such block, or nothing beside it.
    """
    if _is_all_base64(data) and not _has_blank_inside(data):
        return b""
    lines = data.split(b"\n")
    codes = [_CODE_LINE.fullmatch(line.strip()) is not None for line in lines]
    beside = [i for i, line in enumerate(lines) if line.strip() and not codes[i]]
    if not beside or (len(data) > _LOOKED_AT and not _is_at_an_end(beside, lines)):
        return b""
    start, end = _longest_run(lines, codes)
    block = b"".join(line.strip() for line in lines[start:end])
    rest = [line for i, line in enumerate(lines) if codes[i] and not start <= i < end]
    if any(len(line.strip()) > 2 * _LONG_LINE for line in rest) or len(block) % 4 or not block:
        return b""
    decoded = binascii.a2b_base64(block)
    if not _has_words(beside, lines) or (len(block) < _SHORT_CODE and not _is_plain(decoded)):
        return b""
    above, below = b"\n".join(lines[:start]), b"\n".join(lines[end:])
    return b"\n".join(part for part in (above, decoded, below) if part.strip())


def _is_at_an_end(beside: list[int], lines: list[bytes]) -> bool:
    """Return whether such lines are only among the first or last few."""
    return all(i < _FEW_LINES or i >= len(lines) - _FEW_LINES for i in beside)


def _longest_run(lines: list[bytes], codes: list[bool]) -> tuple[int, int]:
    """Return the longest run of lines that may be base64; it ends with padding or a shorter line."""
    best, size = (0, 0), 0
    start = held = 0
    for index, line in enumerate(lines):
        piece = line.strip()
        above = lines[index - 1].strip() if index > start else b""
        if not codes[index]:
            start, held = index + 1, 0
        elif above.endswith(b"=") or 0 < len(above) < len(piece):
            start, held = index, 0
        if codes[index]:
            held += len(piece)
            if held > size:
                best, size = (start, index + 1), held
    return best


def _has_words(beside: list[int], lines: list[bytes]) -> bool:
    """Return whether lines beside the block are readable text, rather than corrupted base64."""
    return any(b" " in lines[i].strip() or not lines[i].strip(b"-_=*#~ \t\r") or b"@" in lines[i] for i in beside)


def _is_plain(data: bytes) -> bool:
    """Return whether a few bytes are text: UTF-8, or Russian in another charset."""
    if _CONTROL.search(data):
        return False
    try:
        return all(char.isprintable() or char in "\r\n\t" for char in data.decode("utf-8"))
    except UnicodeDecodeError:
        western = cyrillic.high_bytes(data) * 4 <= len(data) and cyrillic.beside_latin(data) > 0
        return western or cyrillic.reads_russian(data) is not None
