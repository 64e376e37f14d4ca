"""What a piece of text reads as when it is unwrapped: escapes of addresses, HTML, JSON and RTF, base64, base32, hex,
uuencode, UTF-7, one in another. Pure; knows no secret of ours. Work is bounded: so many readings, so deep, and what
all readings of one text cost together (`Effort`)."""

import base64
import binascii
import re
import string
import zlib
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from itertools import islice
from urllib.parse import unquote

from otklik.mail.parse import uuencode
from otklik.mail.parse.text_cleaning import unescaped

_MOST_READINGS, _DEEPEST = 60, 4
_EACH, _AT_LEAST = 12, 1_000_000
_MOST_INFLATED = 16 * 1024
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{40,}")
_WHOLE_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{40,}={0,2}")
_BASE32 = re.compile(r"(?<![A-Za-z0-9])[A-Z2-7]{40,}(?![A-Za-z0-9])")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){40,}")
_WHOLE_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){20,}")
UUENCODED = re.compile(r"(?:^[ \t>|]*M[ -`]{57,61}\r?\n)+(?:^[ \t>|]*[ -L][ -`]{1,60}\r?$)?", re.MULTILINE)
_NUMBERS = re.compile(r"(?:(?:0x|\\x)?(?:[01]{8}|[0-9A-Fa-f]{2,3})[\s,:;-]{1,3}){50,}(?:0x|\\x)?[0-9A-Fa-f]{2,8}")
_NUMBER = re.compile(r"(?:0x|\\x)?([0-9A-Fa-f]+)")
_DUMPED = re.compile(
    r"(?:^[ \t>|]*+[0-9A-Fa-f]{6,10}:?[ \t]++(?:(?:[0-9A-Fa-f]{2}){1,8}[ \t]{1,2}){1,16}[^\n]*+(?:\n|\Z)){2,}",
    re.MULTILINE,
)
_DUMP_LINE = re.compile(r"[ \t>|]*+[0-9A-Fa-f]{6,10}:?[ \t]++((?:(?:[0-9A-Fa-f]{2}){1,8}[ \t]{1,2})+)")
_ASCII85 = re.compile(r"<~[!-uz\s]{20,}+~>")
ROWS = (UUENCODED, _NUMBERS, _DUMPED, _ASCII85)
"""Lines of uuencode, with or without what stands around them, numbers of letters, dumps with columns, and Ascii85 with
its signs; a link is longer than a line."""
_UNBROKEN = re.compile(r"[^\s<>\"]++")
_STARS = re.compile(r"__;([A-Za-z0-9_-]{0,4000}+)!!")
_RUN_LENGTHS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_TURNED = re.compile(r"(?<![a-z])([a-z])([a-z])\2([a-z])[a-z]?://")
_PACKED = re.compile(r"(?:H4sI|eJ[wyxz]|eN[oprq]|eA[EF])[A-Za-z0-9+/_-]{40,}")
_UTF7 = re.compile(r"\+A[A-Za-z0-9+/]{2,}")
_RTF_ESCAPE = re.compile(r"\\'([0-9A-Fa-f]{2})|\\u(-?[0-9]{1,6})[ ?]?|\\([_~-])")
ALL_ESCAPED = re.compile(
    r"[%&=\\](?:(?<=%)[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2}){11}|(?<=&)#?\w{2,6};(?:&#?\w{2,6};){11}"
    r"|(?<=\\)u00[0-9A-Fa-f]{2}(?:\\u00[0-9A-Fa-f]{2}){11}|(?<==)[0-9A-F]{2}(?:=[0-9A-F]{2}){11}"
    r"|(?<=\\)'[0-9A-Fa-f]{2}(?:\\'[0-9A-Fa-f]{2}){11}|(?<=\\)u[0-9]{1,6}[ ?](?:\\u[0-9]{1,6}[ ?]){11})"
)
"""Letters written as escapes one after another: no word shows in that."""
_BLANKS = re.compile(r"[\s>|]+")


def is_all_escaped(text: str) -> bool:
    """Return whether letters are written as consecutive escapes."""
    return ALL_ESCAPED.search(text) is not None


class Effort:
    """How many letters may still be decoded; below 0 there was more."""

    def __init__(self, size: int) -> None:
        self.left = _AT_LEAST + _EACH * size

    def allows(self, text: str) -> bool:
        """Return whether this text may still be decoded, and count it."""
        self.left -= len(text)
        return self.left >= 0


def hidden(text: str, effort: Effort) -> Iterator[str]:
    """Yield cheap readings of a text that need not show any word of ours: UTF-7, and whole pieces of base64, base32 and
    hex, nested."""
    if not effort.allows(text):
        return
    if "+" in text and text.isascii() and _UTF7.search(text):
        yield text.encode("ascii").decode("utf-7", "replace")
    for packed in _PACKED.findall(text)[:4]:
        if (made := _inflated(packed)) and effort.allows(made):
            yield made
    runs = [text, *(run for run in _BASE32.findall(text)[:4] if run != text)]
    for run in runs:
        for _level in range(_DEEPEST):
            if not (made := _peeled(run)) or not effort.allows(made):
                break
            yield made
            run = _BLANKS.sub("", made)


def _peeled(run: str) -> str:
    """Decode a run that is entirely in one encoding, if the result is text."""
    if _WHOLE_HEX.fullmatch(run) and (made := _words(bytes.fromhex(run))):
        return made
    if _BASE32.fullmatch(run) and (made := _from_base32(run)):
        return made
    return _from_base64(run.rstrip("=")) if _WHOLE_BASE64.fullmatch(run) else ""


def readings(text: str, effort: Effort) -> Iterator[str]:
    """Yield the readings of the text when decoded once or several times."""
    waiting, known = [(text, 0)], {text}
    while waiting and len(known) < _MOST_READINGS:
        waiting_text, depth = waiting.pop()
        for made in _unwrapped(waiting_text) if depth < _DEEPEST else ():
            if made not in known:
                if not effort.allows(made):
                    return
                known.add(made)
                waiting.append((made, depth + 1))
                yield made


def from_row(match: re.Match[str]) -> Iterator[str]:
    """Decode a match of ROWS: lines of uuencode, possibly quoted, or letters written as numbers."""
    if match.re is UUENCODED:
        before = match.group().partition("M")[0]
        text = "\n".join(line.removeprefix(before) for line in match.group().splitlines())
        yield uuencode.decode_lines(text.encode("latin-1", "replace")).decode("latin-1")
        return
    if match.re is _DUMPED:
        yield from _dumped(match.group())
        return
    if match.re is _ASCII85:
        with suppress(ValueError):
            yield base64.a85decode(match.group().encode(), adobe=True).decode("latin-1")
        return
    numbers = _NUMBER.findall(match.group())
    for base, longest in ((16, 2), (10, 3), (2, 8)):
        try:
            yield "".join(chr(int(number, base)) for number in numbers if len(number) <= longest)
        except ValueError:
            continue


def _dumped(rows: str) -> Iterator[str]:
    """Decode a hex dump, byte by byte, and as little-endian words."""
    lines = [_DUMP_LINE.match(line) for line in rows.splitlines()]
    digits = "".join(_BLANKS.sub("", line[1])[:32] for line in lines if line)
    data = bytes.fromhex(digits[: len(digits) // 2 * 2])
    yield data.decode("latin-1")
    yield b"".join(data[at : at + 2][::-1] for at in range(0, len(data), 2)).decode("latin-1")


def turned_back(text: str) -> Iterator[str]:
    """Undo the letter rotation of Check Point's URL rewriter, with and without digits."""
    for match in islice(_TURNED.finditer(text), 4):
        places = ord(match[1]) - ord("h")
        if [ord(letter) - 97 for letter in match.groups()] == [
            (ord(letter) - 97 + places) % 26 for letter in "htp"
        ] and places:
            yield text.translate(_turning(places, 0))
            yield text.translate(_turning(places, places))


@cache
def _turning(letters: int, digits: int) -> dict[int, str]:
    return {
        ord(alphabet[at]): alphabet[(at - places) % len(alphabet)]
        for alphabet, places in (
            (string.ascii_lowercase, letters),
            (string.ascii_uppercase, letters),
            (string.digits, digits),
        )
        for at in range(len(alphabet))
    }


def _unstarred(text: str) -> str:
    """Undo Proofpoint's URL Defense v3, which replaces characters by stars and appends them encoded."""
    for piece in _UNBROKEN.findall(text):
        end, begin = _STARS.search(piece), piece.find("__")
        address = piece[begin + 2 : end.start()] if end and begin >= 0 else ""
        if end and "*" in address:
            return _with_stars_said(address, end[1])
    return ""


def _with_stars_said(address: str, packed: str) -> str:
    with suppress(ValueError):
        packed_bytes = iter(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode("utf-8", "replace"))
        return re.sub(
            r"\*(?:\*([A-Za-z0-9_-]))?",
            lambda star: "".join(islice(packed_bytes, _RUN_LENGTHS.index(star[1]) + 2 if star[1] else 1)),
            address,
        )
    return ""


def _unwrapped(text: str) -> Iterator[str]:
    if "%" in text:
        yield unquote(text, errors="replace")
    if "&" in text:
        yield unescaped(text)
    if "=" in text:
        yield re.sub(r"=([0-9A-F]{2})", lambda match: chr(int(match[1], 16)), text)
    if "\\" in text:
        yield re.sub(r"\\(?:u00|x)([0-9A-Fa-f]{2})", lambda match: chr(int(match[1], 16)), text).replace("\\/", "/")
        yield _RTF_ESCAPE.sub(_rtf_letter, text)
    if "-2F" in text or "-3A" in text or "-2D" in text:  # Proofpoint's URL Defense, version 2
        yield unquote(text.replace("_", "/").replace("-", "%"), errors="replace")
    if "__;" in text and (made := _unstarred(text)):
        yield made
    if "+" in text and text.isascii() and _UTF7.search(text):
        yield text.encode("ascii").decode("utf-7", "replace")
    yield from _decoded(text)


def _decoded(text: str) -> Iterator[str]:
    yield from filter(None, map(_inflated, _PACKED.findall(text)[:4]))
    for run in _HEX.findall(text)[:4]:
        yield bytes.fromhex(run).decode("latin-1")
    for run in _BASE32.findall(text)[:4]:
        yield _from_base32(run)
    if inside := _inside(text):
        yield inside
    for run in _BASE64.findall(text)[:8]:
        for offset in range(4):
            if made := _from_base64(run[offset:]):
                yield made


def _inside(text: str) -> str:
    """Decode lines of base64 together; "" for any other text."""
    run = _BLANKS.sub("", text)
    return _BLANKS.sub("", made) if _WHOLE_BASE64.fullmatch(run) and (made := _from_base64(run.rstrip("="))) else ""


def _rtf_letter(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    return chr(int(match[2]) & 0xFFFF) if match[2] else {"_": "-", "~": " ", "-": ""}[match[3]]


def _from_base64(run: str) -> str:
    """Decode the run if the result is text."""
    try:
        whole = run[:-1] if len(run) % 4 == 1 else run
        return _words(base64.urlsafe_b64decode(whole.replace("+", "-").replace("/", "_") + "=" * (-len(whole) % 4)))
    except (binascii.Error, ValueError):
        return ""


def _inflated(run: str) -> str:
    """The text in base64-encoded gzip or zlib data; "" if it is neither."""
    try:
        packed = base64.urlsafe_b64decode(run.replace("+", "-").replace("/", "_") + "=" * (-len(run) % 4))
        return _words(zlib.decompressobj(wbits=47).decompress(packed, _MOST_INFLATED))
    except (binascii.Error, ValueError, zlib.error):
        return ""


def _from_base32(run: str) -> str:
    try:
        return _words(base64.b32decode(run + "=" * (-len(run) % 8)))
    except binascii.Error:
        return _words(base64.b32decode(run[: len(run) // 8 * 8]))


def _words(data: bytes) -> str:
    if data[:400].count(0) * 5 > len(data[:400]) * 2:
        data = data.replace(b"\0", b"")  # two bytes a letter
    readable = sum(32 <= byte < 127 or byte in b"\t\r\n" or byte > 0xBF for byte in data[:400])
    return data.decode("latin-1") if readable * 4 > min(len(data), 400) * 3 else ""
