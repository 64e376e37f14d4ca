"""Parse parameters of Content-Type and Content-Disposition (RFC 2045, RFC 2231), malformed ones included."""

import re
from urllib.parse import unquote_to_bytes

from otklik.mail.parse import charset, encoded_words, limits

_PARAM = re.compile(rb';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"(?=\s*(?:;|$|\())|"[^;]*|[^;]*)', re.DOTALL)
# The first byte of a letter of UTF-8 beyond ASCII, and its next.
_ESCAPES = re.compile(r"%[CcDdEeFf][0-9A-Fa-f]%[89ABab][0-9A-Fa-f]")
_SECTION = re.compile(r"^(.+?)\*(?:(\d{1,3})(\*)?)?$")
_TYPE = re.compile(r"^\s*\"?([a-z0-9!#$&^_.+\-]+)\s*/\s*([a-z0-9!#$&^_.+\-]+)")


def split_value(raw: bytes) -> tuple[str, dict[str, bytes]]:
    """Return the main value in lower case, and the parameters as raw bytes by lower-case name. The first of a name
    wins."""
    head, separator, rest = raw.partition(b";")
    params: dict[str, bytes] = {}
    for number, match in enumerate(_PARAM.finditer(separator + rest)):
        if number >= limits.PARAMETERS:
            break
        name = match.group(1).decode("latin-1").lower()
        params.setdefault(name, _unquoted(match.group(2)))
    return head.decode("latin-1").strip().lower(), params


def _unquoted(value: bytes) -> bytes:
    value = value.strip()
    if value.startswith(b'"'):
        value = value[1:].rstrip()
        value = value[:-1] if value.endswith(b'"') else value
        return value.replace(b'\\"', b'"').replace(b"\\\\", b"\\")
    return value


def media_type(value: str) -> str:
    """Return `type/subtype` of a Content-Type's main value, or ""."""
    match = _TYPE.match(value)
    return f"{match.group(1)}/{match.group(2)}" if match else ""


def text(params: dict[str, bytes], name: str, hint: str = "") -> str:
    """Return a parameter as text, "" if absent: RFC 2231 pieces, else encoded words, else raw bytes."""
    pieces = _pieces(params, name)
    if pieces:
        return _joined(pieces, hint)
    if name not in params:
        return ""
    return _unescaped(encoded_words.decode_header(params[name][: limits.NAME_BYTES], hint))


def _unescaped(name: str) -> str:
    """Decode a file name that was percent-encoded like a URL."""
    if not name.isascii() or not _ESCAPES.search(name):
        return name
    try:
        return unquote_to_bytes(name).decode("utf-8")
    except UnicodeDecodeError:
        return name


def _pieces(params: dict[str, bytes], name: str) -> list[tuple[int, bool, bytes]]:
    """Return the pieces `name*`, `name*0`, `name*0*` in order: number, whether percent-encoded, bytes."""
    pieces: list[tuple[int, bool, bytes]] = []
    for key, value in params.items():
        match = _SECTION.match(key) if key.startswith(name + "*") else None
        if match and match.group(1) == name:
            pieces.append((int(match.group(2) or 0), match.group(2) is None or bool(match.group(3)), value))
    return sorted(pieces, key=lambda piece: piece[0])


def _joined(pieces: list[tuple[int, bool, bytes]], hint: str) -> str:
    label, encoded = "", any(extended for _, extended, _ in pieces)
    data: list[bytes] = []
    for index, (_, extended, value) in enumerate(pieces):
        if index == 0 and extended and value.count(b"'") >= 2:
            raw_label, _, value = value.split(b"'", 2)
            label = raw_label.decode("latin-1")
        data.append(unquote_to_bytes(value) if extended else value)
    whole = b"".join(data)[: limits.NAME_BYTES]
    return (
        charset.decode(whole, label, hint)
        if encoded and b"=?" not in whole
        else encoded_words.decode_header(whole, hint)
    )
