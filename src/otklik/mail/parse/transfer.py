"""Content-Transfer-Encoding: base64, quoted-printable, uuencode, and mails that lie about it."""

import binascii
import quopri
import re

from otklik.mail.parse import uuencode, words

_B64_LINE = re.compile(rb"[A-Za-z0-9+/=\s]+\Z")
_FOOTER = re.compile(rb"\n[ \t]*+\r?\n[ \t]*+(?=[^A-Za-z0-9+/=\s]|[^\n]*[ .:,@_])")


_HIGH = re.compile(rb"[\x80-\xff]")
_QP_BYTE = re.compile(rb"=[0-9A-Fa-f]{2}")
_QP_HIGH = re.compile(rb"=[89A-Fa-f][0-9A-Fa-f]")
_QP_SOFT = re.compile(rb"=[ \t]*\r?\n")
_B64_BODY = re.compile(rb"\s*+[A-Za-z0-9+/]{40,}+[A-Za-z0-9+/\r\n]*+={0,2}+\s*+\Z")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MOST_TIMES, _SHORTEST = 2, 60
_LOOKED_AT = 64 * 1024
BASE64 = {"base64", "b64", "base-64"}
QUOTED = {"quoted-printable", "quotedprintable", "quoted_printable", "qp"}


def decode(data: bytes, encoding: str) -> bytes:
    """The bytes behind a transfer encoding. One that is unknown, or that the bytes contradict, leaves them as they are.

    Never raises.
    """
    if encoding in BASE64:
        return data if _is_prose(data) else _base64(data)
    if encoding in QUOTED:
        return data if _is_unquoted(data) else quopri.decodestring(data)
    if encoding in {"x-uuencode", "uuencode", "x-uue", "uue"}:
        return uuencode.decode_all(data)
    return data


def undeclared(data: bytes) -> bytes:
    """The words of a text part whose encoding is not named, named wrongly, or was done twice: told only where nothing
    else fits."""
    for _again in range(_MOST_TIMES):
        inside = data if _HIGH.search(data) else _inside(data)
        if inside is data:
            break
        data = inside
    return data


def _inside(data: bytes) -> bytes:
    codes = len(_QP_HIGH.findall(data))
    if codes >= 4 and codes * 9 > len(data) and data.count(b"=") == _codes(data):
        return quopri.decodestring(data)
    if _B64_BODY.match(data) and _is_text(found := _base64(data)):
        return found
    return data


def _codes(data: bytes) -> int:
    return len(_QP_BYTE.findall(data)) + len(_QP_SOFT.findall(data)) + data.endswith(b"=")


def _is_prose(data: bytes) -> bool:
    """Whether what claims to be base64 are words: most of its lines hold blanks, or it holds bytes of no such code."""
    sample = data[:_LOOKED_AT]
    lines = [line.strip() for line in sample.split(b"\n") if line.strip()]
    return 2 * sum(b" " in line for line in lines) > len(lines) or len(_HIGH.findall(sample)) * 10 > len(sample)


def _is_unquoted(data: bytes) -> bool:
    """Whether what claims to be quoted-printable holds letters as they are, and no code of one."""
    sample = data[:_LOOKED_AT]
    high = len(_HIGH.findall(sample))
    return high >= 10 and len(_QP_HIGH.findall(sample)) * 10 < high and not _QP_SOFT.search(sample)


def _is_text(data: bytes, times: int = _MOST_TIMES) -> bool:
    """Whether bytes are words: with blanks and without signs of control, in UTF-8 or a charset of single bytes; or such
    words in base64 once more."""
    if _B64_BODY.match(data):
        return times > 1 and _is_text(_base64(data), times - 1)
    if b" " not in data.strip() or _CONTROL.search(data):
        return False
    try:
        return all(char.isprintable() or char in "\r\n\t" for char in data.decode("utf-8"))
    except UnicodeDecodeError:
        return len(data) >= _SHORTEST


def _base64(data: bytes) -> bytes:
    try:
        return binascii.a2b_base64(data, strict_mode=False) if _B64_LINE.match(data) else _broken_base64(data)
    except binascii.Error:
        return words.b64(data)


def _broken_base64(data: bytes) -> bytes:
    """Base64 with something else in it: a footer that a mailing list or a virus scanner put below stays
    readable text.
    """
    found = _FOOTER.search(data)
    if found is None:
        return words.b64(data)
    head, tail = data[: found.start()], data[found.start() :]
    return words.b64(head) + tail if _B64_LINE.match(head) else words.b64(data)
