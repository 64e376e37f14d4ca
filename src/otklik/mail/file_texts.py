"""Candidate decodings of a file's bytes as text, each with a function that writes a changed text back.

Covers plain text, charsets in which ASCII letters are not ASCII bytes, RTF, PNG and PDF. Used to find and mask secrets.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from otklik.mail import pdf_and_png_text, rtf, secret_shapes
from otklik.mail.parse import charset, tnef, utf16_utf32

# Charsets in which ASCII letters may not appear as ASCII bytes.
_OTHER_BYTES = ("utf_7", "utf_16", "utf_32", "hz", "iso2022")
_OF_WORDS = bytes({*range(9, 14), 27, *range(32, 256)})
_MAINFRAME = re.compile(
    r"ebcdic|(?:ibm|cp)[_-]?(?:cp)?[_-]?0*(37|273|27[78]|28[0457]|290|297|42[0345]|500|8[378][0158]|1026|1047|11[45]\d)\b"
)
# Letters and digits have the same codes in every EBCDIC charset.
_LETTERS_OF_MAINFRAMES = "cp037"
_MAINFRAMES = {"cp037", "cp273", "cp424", "cp500", "cp875", "cp1026", "cp1140"}


@dataclass(frozen=True, slots=True)
class Text:
    """One reading of a file. `said`: the text as a program for such files shows it; `back`: returns the file's bytes
    for a changed text, None if it cannot be written back. `is_words`: the file is nothing but text, so that even a
    short one is worth a thorough search."""

    said: str
    back: Callable[[str], bytes | None]
    is_words: bool = True


def texts_of(data: bytes, codec: str = "") -> Iterator[Text]:
    """Every text that the bytes can be read as. `codec`: the declared charset, as `codec_of` gives it.

    There always is a first one, and writing it back preserves bytes that are not text, except in PNG pictures.
    """
    if data.startswith(pdf_and_png_text.PNG):
        yield from (
            Text(text, lambda _said: pdf_and_png_text.wordless_png(data), is_words=False)
            for text in (data.decode("latin-1"), *pdf_and_png_text.of_png(data))
        )
        return
    if data.startswith(pdf_and_png_text.BINARY) or data[:4096].translate(None, _OF_WORDS):
        yield Text(data.decode("latin-1"), lambda text: text.encode("latin-1", "replace"), is_words=False)
    else:
        shown = data.decode("utf-8", "surrogateescape")
        yield Text(shown, lambda text: text.encode("utf-8", "surrogateescape"))
    if data.startswith(pdf_and_png_text.PDF):
        yield from (Text(text, lambda _said: None, is_words=False) for text in pdf_and_png_text.of_pdf(data))
    elif data.startswith(rtf.SIGNATURE):
        yield Text(rtf.text_of(data), rtf.written)
    elif tnef.is_container(data):
        yield from (Text(rtf.text_of(packed), lambda text: None) for packed in rtf.packed_in(data))
    yield from _in_charset(data, codec)


def codec_of(label: str) -> str:
    """The Python codec of a charset label, if ASCII letters may not appear as ASCII bytes in it; "" for others."""
    codec = charset.codec_name(label) or ""
    if codec:
        return codec if codec.startswith(_OTHER_BYTES) else ""
    number = _MAINFRAME.search(label.lower()[:80])
    if number is None:
        return ""
    named = f"cp{int(number[1] or 37):03}"
    return named if named in _MAINFRAMES else _LETTERS_OF_MAINFRAMES


def _in_charset(data: bytes, codec: str) -> Iterator[Text]:
    if codec and not codec.startswith(("utf_16", "utf_32")):
        yield Text(data.decode(codec, "replace"), lambda text: text.encode(codec, "replace"))
    elif codec or b"\0" in data:
        yield from _wide(data, codec)
    if not codec and any(word.encode(_LETTERS_OF_MAINFRAMES) in data for word in secret_shapes.signs()):
        yield Text(data.decode(_LETTERS_OF_MAINFRAMES), lambda text: text.encode(_LETTERS_OF_MAINFRAMES, "replace"))


def _wide(data: bytes, codec: str) -> Iterator[Text]:
    encoding = utf16_utf32.charset_of(data, codec or None)
    if encoding is not None:
        name, begin = encoding
        yield Text(data[begin:].decode(name, "replace"), lambda text: data[:begin] + text.encode(name, "replace"))
    # Any kind of file may contain text in two bytes per letter.
    narrow = data.replace(b"\0", b"").decode("latin-1")
    yield Text(narrow, lambda text: _filled(data, narrow, text), is_words=False)


def _filled(data: bytes, narrow: str, text: str) -> bytes | None:
    """The bytes with each difference between the two texts, which have the same length, masked with `x` in two bytes
    per letter. None if such a part is not found in the bytes."""
    pieces, position = list[bytes](), 0
    for begin, end in _differences(narrow, text):
        letters = _apart(narrow[begin:end])
        place = data.find(letters, position) if end - begin >= _SHORTEST else -1
        if place < 0:
            return None
        pieces += [data[position:place], _apart("x" * (end - begin))]
        position = place + len(letters)
    return b"".join([*pieces, data[position:]])


def _apart(letters: str) -> bytes:
    """The letters separated by zero bytes, which matches UTF-16 of either byte order."""
    return b"\0".join(letter.encode("latin-1") for letter in letters)


_SHORTEST, _BLOCK, _GAP = 20, 4096, 8


def _differences(before: str, behind: str) -> Iterator[tuple[int, int]]:
    """(begin, end) of each difference between two texts of equal length, bridging up to _GAP equal letters."""
    begin = end = -1
    for block in range(0, len(before), _BLOCK):
        if before[block : block + _BLOCK] == behind[block : block + _BLOCK]:
            continue
        for at in range(block, min(block + _BLOCK, len(before))):
            if before[at] == behind[at]:
                continue
            if begin >= 0 and at - end > _GAP:
                yield begin, end
                begin = -1
            begin, end = (at if begin < 0 else begin), at + 1
    if begin >= 0:
        yield begin, end
