"""Content-Transfer-Encoding: base64, quoted-printable, uuencode, and mails that lie about it."""

import binascii
import quopri
import re

from otklik.mail.parse import uuencode, words

_B64_LINE = re.compile(rb"[A-Za-z0-9+/=\s]+\Z")
_FOOTER = re.compile(rb"\n[ \t]*+\r?\n[ \t]*+(?=[^A-Za-z0-9+/=\s]|[^\n]*[ .:,@_])")


def decode(data: bytes, encoding: str) -> bytes:
    """The bytes behind a transfer encoding. Unknown encodings leave the data as it is. Never raises."""
    if encoding in {"base64", "b64", "base-64"}:
        return _base64(data)
    if encoding in {"quoted-printable", "quotedprintable", "quoted_printable", "qp"}:
        return quopri.decodestring(data)
    if encoding in {"x-uuencode", "uuencode", "x-uue", "uue"}:
        return uuencode.decode_all(data)
    return data


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
