"""The texts of a file, each with the way in which a changed one is written back: as it stands, in charsets whose bytes
show no letters, as RTF. Pure, bounded."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from otklik.mail import packed_words, rtf, secret_shapes
from otklik.mail.parse import charset, tnef, wide

# Charsets in which letters may stand that their bytes do not show.
_OTHER_BYTES = ("utf_7", "utf_16", "utf_32", "hz", "iso2022")
_OF_WORDS = bytes({*range(9, 14), 27, *range(32, 256)})
_MAINFRAME = re.compile(
    r"ebcdic|(?:ibm|cp)[_-]?(?:cp)?[_-]?0*(37|273|27[78]|28[0457]|290|297|42[0345]|500|8[378][0158]|1026|1047|11[45]\d)\b"
)
# Letters and digits are where they are in all of EBCDIC.
_LETTERS_OF_MAINFRAMES = "cp037"
_MAINFRAMES = {"cp037", "cp273", "cp424", "cp500", "cp875", "cp1026", "cp1140"}


@dataclass(frozen=True, slots=True)
class Text:
    """`said` is what a program for the file reads; `back` makes the file's bytes of a changed text, or gives None.
    `is_words`: all of it is words, so that a short one is worth a look in depth."""

    said: str
    back: Callable[[str], bytes | None]
    is_words: bool = True


def texts_of(data: bytes, codec: str = "") -> Iterator[Text]:
    """All texts that the bytes may be read as. The first one always is there, and keeps all bytes that are no text."""
    if data.startswith(packed_words.PNG):
        yield from (
            Text(text, lambda _said: packed_words.wordless_png(data), is_words=False)
            for text in (data.decode("latin-1"), *packed_words.of_png(data))
        )
        return
    if data.startswith(packed_words.BINARY) or data[:4096].translate(None, _OF_WORDS):
        yield Text(data.decode("latin-1"), lambda text: text.encode("latin-1", "replace"), is_words=False)
    else:
        shown = data.decode("utf-8", "surrogateescape")
        yield Text(shown, lambda text: text.encode("utf-8", "surrogateescape"))
    if data.startswith(packed_words.PDF):
        yield from (Text(text, lambda _said: None, is_words=False) for text in packed_words.of_pdf(data))
    elif data.startswith(rtf.SIGNATURE):
        yield Text(rtf.text_of(data), rtf.written)
    elif tnef.is_container(data):
        yield from (Text(rtf.text_of(packed), lambda text: None) for packed in rtf.packed_in(data))
    yield from _in_charset(data, codec)


def codec_of(label: str) -> str:
    """The charset that a label names, if it is one whose bytes show no letters; else ""."""
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
    encoding = wide.charset_of(data, codec or None)
    if encoding is not None:
        name, begin = encoding
        yield Text(data[begin:].decode(name, "replace"), lambda text: data[:begin] + text.encode(name, "replace"))
    # In a file of any kind words may stand in two bytes a letter.
    narrow = data.replace(b"\0", b"").decode("latin-1")
    yield Text(narrow, lambda text: _filled(data, narrow, text), is_words=False)


def _filled(data: bytes, narrow: str, text: str) -> bytes | None:
    """The bytes with what differs between the two texts, which are of one length, made `x` in two bytes a letter; None
    where it does not stand so."""
    made, position = list[bytes](), 0
    for begin, end in _differences(narrow, text):
        letters = _apart(narrow[begin:end])
        place = data.find(letters, position) if end - begin >= _SHORTEST else -1
        if place < 0:
            return None
        made += [data[position:place], _apart("x" * (end - begin))]
        position = place + len(letters)
    return b"".join([*made, data[position:]])


def _apart(letters: str) -> bytes:
    """Two bytes a letter, whichever comes first."""
    return b"\0".join(letter.encode("latin-1") for letter in letters)


_SHORTEST, _BLOCK, _GAP = 20, 4096, 8


def _differences(before: str, behind: str) -> Iterator[tuple[int, int]]:
    """Where two texts of one length differ; a letter that happens to be the same parts nothing."""
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
