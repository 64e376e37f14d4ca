"""Detect ambiguous mail headers, and what a DKIM signature leaves unsigned (AB-01, AB-09).

Whoever vouches for a mail, our own mail server or a signature, read its head with a program of his own. Only where no
two programs can read it differently is what was checked the same as what is used.
"""

import re
from collections.abc import Callable
from functools import cache, partial

from otklik.mail.parse import limits, mime_params
from otklik.mail.parse.header_block import Fields
from otklik.mail.parse.model import Signature

# RFC 5322 section 3.6 and RFC 2045: each of these may stand once.
ONCE = frozenset(
    "date from sender reply-to to cc bcc message-id in-reply-to references subject mime-version content-type"
    " content-transfer-encoding content-id content-description content-disposition".split()
)
# What is used of a head, or shown as the sender's word. The content fields are judged by what they do to the body.
USED = frozenset("from sender reply-to to cc subject date message-id in-reply-to references".split())
MUST_BE_SIGNED = frozenset({"from", "to", "subject"})

_END = re.compile(rb"\r?\n\r?\n")
_LINE_END = re.compile(rb"\r?\n")
_CONTROLS = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_FIELD = re.compile(rb"(?!--)([!-9;-~]{1,200}):(?!//)")
_MOST = 20
_PREAMBLE = b"This is a multi-part message in MIME format."
_PLAIN_CHARSET = re.compile(rb"us-ascii|utf-8|koi8-[ru]|(?:windows-|cp)125[0-8]|iso-8859-\d{1,2}", re.IGNORECASE)
_PARTS = {"multipart/alternative", "multipart/mixed", "multipart/related"}
_HARMLESS = {"charset", "format", "delsp", "boundary", "type", "start"}
_NO_BASE64 = re.compile(rb"[^A-Za-z0-9+/=\s]")
_NO_QUOTED = re.compile(rb"[\x80-\xff]|=(?![0-9A-F]{2}|[ \t]*\r?\n|\Z)")


def strict_head(raw: bytes) -> tuple[list[tuple[str, bytes]], int] | None:
    """Return (lower-case name, unfolded value) of all fields, and the body's offset; None if anything is irregular.

    Every line must be a field or a continuation, without control characters. One mbox line may precede.
    """
    start = raw.find(b"\n") + 1 if raw.startswith(b"From ") else 0
    end = _END.search(raw, start, start + limits.HEADER_BYTES)
    if raw[start : start + 1] in {b"\r", b"\n"} or (end is None and len(raw) > limits.HEADER_BYTES):
        return None
    fields: list[tuple[str, bytes]] = []
    for line in _LINE_END.split(raw[start : end.start()] if end else raw[start:].rstrip(b"\r\n")):
        match = _FIELD.match(line)
        if _CONTROLS.search(line):
            return None
        if match is not None:
            fields.append((match.group(1).decode("ascii").lower(), line[match.end() :].strip()))
        elif fields and line[:1] in {b" ", b"\t"} and line.strip():
            name, value = fields[-1]
            if len(value) + len(line) > limits.HEADER_VALUE_BYTES:
                return None
            fields[-1] = (name, value + b" " + line.strip() if value else line.strip())
        else:
            return None
    return fields, end.end() if end else len(raw)


def has_one_reading(raw: bytes, fields: Fields) -> bool:
    """Return whether a strict parser finds the same fields as ours, and no field twice that may occur once."""
    head = strict_head(raw)
    return head is not None and head[0] == fields.items and not stands_twice([name for name, _value in fields.items])


def stands_twice(names: list[str]) -> bool:
    """Return whether a field occurs twice that may occur only once."""
    once = [name for name in names if name in ONCE]
    return len(once) != len(set(once))


def signatures(items: list[tuple[str, bytes]], body: bytes) -> tuple[Signature, ...]:
    """Parse the DKIM signatures, topmost first, without verifying them. Beyond 20 they count as unreadable."""
    values = [value for name, value in items if name == "dkim-signature"]
    looks = cache(partial(_looks, body=body))
    read = [_signature(value, items, body, looks) for value in values[:_MOST]]
    return (*read, Signature("", covers_all=False)) if len(values) > _MOST else tuple(read)


def covers(
    signed: list[str], items: list[tuple[str, bytes]], body: bytes, looks: Callable[[bytes], bool] | None = None
) -> bool:
    """Return whether a signature over the fields `signed` covers everything we use of the mail.

    A field that occurs more often than it is signed is uncovered. A content field may be uncovered if it changes
    nothing: Gmail does not sign them. `looks`: checks whether the body has an encoding, cached for several signatures.
    """
    names = [name for name, _value in items]
    if any(names.count(name) > signed.count(name) for name in USED) or not MUST_BE_SIGNED.issubset(signed):
        return False
    left = {name: value for name, value in items if name.startswith("content-") and name not in signed}
    return not left or _is_harmless(left, dict(items), body, looks or partial(_looks, body=body))


def _signature(value: bytes, items: list[tuple[str, bytes]], body: bytes, looks: Callable[[bytes], bool]) -> Signature:
    tags: dict[bytes, bytes] = {}
    for piece in value.split(b";"):
        name, equals, content = piece.partition(b"=")
        if equals and name.strip() in tags:
            return Signature("", covers_all=False)
        tags[name.strip()] = b"".join(content.split())
    signed = [name.lower() for name in tags.get(b"h", b"").decode("ascii", "replace").split(":")]
    domain = tags.get(b"d", b"").decode("ascii", "replace").lower().rstrip(".")
    return Signature(domain, covers_all=b"l" not in tags and covers(signed, items, body, looks))


def _is_harmless(left: dict[str, bytes], items: dict[str, bytes], body: bytes, looks: Callable[[bytes], bool]) -> bool:
    """Return whether uncovered content fields say only what the body itself shows."""
    kind, given = mime_params.split_value(items.get("content-type", b""))
    encoding = items.get("content-transfer-encoding", b"7bit").lower()
    if "content-disposition" in left or not _HARMLESS.issuperset(given):
        return False
    if "content-transfer-encoding" in left and not looks(encoding):
        return False
    if "content-type" not in left or kind == "text/plain":
        return _PLAIN_CHARSET.fullmatch(given.get("charset", b"us-ascii")) is not None or "content-type" not in left
    return kind in _PARTS and encoding in {b"7bit", b"8bit", b"binary"} and _is_cut_by(given.get("boundary", b""), body)


def _looks(encoding: bytes, body: bytes) -> bool:
    """Return whether the whole body is written in this transfer encoding."""
    if encoding == b"base64":
        return _NO_BASE64.search(body) is None
    if encoding == b"quoted-printable":
        return _NO_QUOTED.search(body) is None
    return encoding in {b"7bit", b"8bit", b"binary"}


def _is_cut_by(boundary: bytes, body: bytes) -> bool:
    """Return whether the body begins and ends with this boundary, so that it is not just text."""
    text = body.strip().removeprefix(_PREAMBLE).strip()
    first, last = text.partition(b"\n")[0].rstrip(), text.rpartition(b"\n")[2]
    return bool(boundary) and first == b"--" + boundary and last == b"--" + boundary + b"--"
