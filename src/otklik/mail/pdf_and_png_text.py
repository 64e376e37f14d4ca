"""Words packed inside PDF files and pictures: what streams of a PDF say, what a PNG says about itself. Pure, bounded by
`Work.UNPACKED`. What a PDF draws by the numbers of its own fonts' glyphs, and what a picture shows, is not read."""

import base64
import binascii
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from otklik.mail.parse import budget
from otklik.mail.parse.budget import Work

PDF, PNG = b"%PDF-", b"\x89PNG\r\n\x1a\n"
_WORDLESS = (PNG, b"\xff\xd8\xff", b"GIF8", b"RIFF", b"ID3", b"Rar!", b"7z\xbc\xaf")
BINARY = (PDF, *_WORDLESS)
"""Signatures of files that are no text, whatever their first bytes look like."""

_MOST_STREAMS, _MOST_WORDS, _DICTIONARY = 20_000, 200, 400
# Streams are inflated in pieces, because zlib copies the rest of the data each time.
_PIECE = 16 * 1024
# Pictures and programs of fonts, which are most of an ordinary file.
_NO_WORDS = re.compile(rb"/Image|/Length1\b|/Type1C|/CIDFontType0C|/OpenType")
_STREAM = re.compile(rb"stream\r?\n")
_LITERAL = re.compile(rb"(?<!\\)\(((?:[^()\\]|\\.)*+)\)", re.DOTALL)
_HEX = re.compile(rb"<([0-9A-Fa-f\s]{2,}+)>")
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
_LINE_GOES_ON = re.compile(rb"\\\r?\n")
# What a picture says about itself in words; none of these is needed to show it.
_WORDS_OF_PNG = {b"tEXt", b"zTXt", b"iTXt", b"eXIf"}


def may_speak(data: bytes, keywords: tuple[str, ...]) -> bool:
    """Return whether one of the words may occur, in one or two bytes per letter.

    A quick filter for large files that rarely contain text: True unless it is an image, sound or encrypted archive
    without them.
    """
    if not data.startswith(_WORDLESS):
        return True
    forms = [form for word in keywords for form in (word.encode(), b"\0".join(letter.encode() for letter in word))]
    return any(form in data for form in forms) or (data.startswith(PNG) and (b"zTXt" in data or b"iTXt" in data))


def of_pdf(data: bytes) -> Iterator[str]:
    """Yield the texts of the file and its streams: as they are, and only their strings, joined as they are drawn."""
    yield _strings(data)
    for content in _streams(data):
        yield content.decode("latin-1")
        yield _strings(content)


def _streams(data: bytes) -> Iterator[bytes]:
    for number, match in enumerate(_STREAM.finditer(data)):
        if number >= _MOST_STREAMS or budget.left(Work.UNPACKED) <= 0:
            budget.refuse(Work.UNPACKED)
            return
        told = data[max(0, match.start() - _DICTIONARY) : match.start()].rpartition(b" obj")[2]
        if not _NO_WORDS.search(told):
            yield _content(data, match.end(), told)


def _content(data: bytes, begin: int, told: bytes) -> bytes:
    if b"ASCII85Decode" in told or b"ASCIIHexDecode" in told:
        most = begin + budget.left(Work.UNPACKED)
        end = data.find(b"endstream", begin, most)
        body = data[begin : end if end >= 0 else most]
        budget.take(Work.UNPACKED, len(body))
        return _inflated(_plain(body, told), 0)
    return _inflated(data, begin)


def _plain(body: bytes, told: bytes) -> bytes:
    with suppress(ValueError, binascii.Error):
        if b"ASCIIHexDecode" in told:
            return bytes.fromhex(body.partition(b">")[0].decode("ascii"))
        return base64.a85decode(b"<~" + body.strip().removeprefix(b"<~").partition(b"~>")[0] + b"~>", adobe=True)
    return b""


def _inflated(data: bytes, begin: int) -> bytes:
    """Return the inflated data, up to the mail's budget; the data itself if it is not deflated and at the beginning."""
    budget.take(Work.UNPACKED, 64)
    opened, opened_parts = zlib.decompressobj(), list[bytes]()
    # No limit at all is what zlib takes a limit of 0 for.
    while begin < len(data) and not opened.eof and (most := budget.left(Work.UNPACKED)) > 0:
        try:
            opened_parts.append(opened.decompress(data[begin : begin + _PIECE], most))
        except zlib.error:
            return data if begin == 0 else b"".join(opened_parts)
        budget.take(Work.UNPACKED, len(opened_parts[-1]))
        begin += _PIECE
    return b"".join(opened_parts)


def _strings(content: bytes) -> str:
    literal = b"".join(_LINE_GOES_ON.sub(b"", match) for match in _LITERAL.findall(content))
    digits = (b"".join(match.split()) for match in _HEX.findall(content))
    return "\n".join(
        [
            literal.decode("latin-1"),
            "".join(
                bytes.fromhex(digit_run[: len(digit_run) // 2 * 2].decode()).decode("latin-1") for digit_run in digits
            ),
        ]
    )


def of_png(data: bytes) -> Iterator[str]:
    """Yield the compressed texts of the image."""
    texts = (content for kind, content in _chunks(data) if kind in (b"zTXt", b"iTXt"))
    for content in islice(texts, _MOST_WORDS):
        # A keyword, for iTXt flags and languages, then what may be packed.
        for match in islice(_ZLIB.finditer(content), 4):
            yield _inflated(content, match.start()).decode("latin-1")


def wordless_png(data: bytes) -> bytes:
    """Return the image without its text chunks."""
    made = [PNG]
    for kind, content in _chunks(data):
        if kind not in _WORDS_OF_PNG:
            made += [struct.pack(">I", len(content)), kind, content, struct.pack(">I", zlib.crc32(kind + content))]
    return b"".join(made)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(PNG)
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        yield kind, data[at + 8 : at + 8 + size]
        at += 12 + size
