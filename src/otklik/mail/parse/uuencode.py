"""Extract uuencoded files from the text of a mail: `begin 644 name` … `end`."""

import binascii
import re

from otklik.mail.parse import budget
from otklik.mail.parse.budget import Work

_BEGIN = re.compile(rb"(?m)^begin[ \t]++[0-7]{3,4}[ \t]++([^\r\n]{1,400}+)\r?\n(?=[!-`][ -`]{1,90}\r?$|`\r?$)")
_MOST_BAD = 20_000
_END = re.compile(rb"(?m)^end[ \t]*\r?(?:\n|\Z)")


def extract(text: bytes, most: int) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Return the text without its uuencoded files, and up to `most` files as (name, content). Never raises."""
    if b"begin" not in text:
        return text, []
    pieces: list[bytes] = []
    files: list[tuple[bytes, bytes]] = []
    position = 0
    while (match := _BEGIN.search(text, position)) is not None:
        if len(files) >= most:
            budget.refuse(Work.UUENCODED)
            break
        end = _END.search(text, match.end())
        if end is None or not budget.allows(Work.UUENCODED, text.count(b"\n", match.end(), end.start())):
            break
        pieces.append(text[position : match.start()])
        files.append((match.group(1).rstrip(b" \t"), decode_lines(text[match.end() : end.start()])))
        position = end.end()
    return b"".join([*pieces, text[position:]]), files


def decode_all(data: bytes) -> bytes:
    """Decode a body whose transfer encoding is uuencode, with or without a begin line."""
    match = _BEGIN.search(data)
    body = data[match.end() :] if match else data
    end = _END.search(body)
    body = body[: end.start()] if end else body
    return decode_lines(body) if budget.allows(Work.UUENCODED, body.count(b"\n")) else data


def decode_lines(data: bytes) -> bytes:
    """Decode uuencoded lines, skipping others."""
    out: list[bytes] = []
    bad = 0
    for whole in data.split(b"\n"):
        line = whole.rstrip(b"\r")
        if not line or line[:1] == b"`":
            continue
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            bad += 1
            if bad <= _MOST_BAD:
                out.append(_padded(line))
    return b"".join(out)


def _padded(line: bytes) -> bytes:
    """Decode a line whose length and content differ, by its length character."""
    count = (line[0] - 32) & 63
    wanted = (count + 2) // 3 * 4
    try:
        return binascii.a2b_uu(line[: wanted + 1].ljust(wanted + 1))
    except (binascii.Error, ValueError):
        return b""
