"""Extract the searchable text of RTF, including Outlook's compressed form (MS-OXRTFCP). Pure, bounded."""

import re
import struct
from itertools import islice

SIGNATURE = b"{\\rtf"
_MOST_TEXTS = 4
_MOST_UNPACKED = 1024 * 1024
_MOST, _MOST_READ = 16 * 1024 * 1024, 400_000
_PACKED, _STORED = b"LZFu", b"MELA"
_KNOWN = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n"
    b"\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_TOKEN = re.compile(
    r"\\'([0-9a-fA-F]{2})|\\u(-?[0-9]{1,6}) ?\??|\\([a-zA-Z]{1,32})(-?[0-9]{0,10}) ?|\\([^a-zA-Z])|[{}\r\n]"
)


def text_of(data: bytes) -> str:
    """Return the text of RTF without groups and control words. Never raises.

    Reads 16 MB; beyond a limit, escapes are dropped.
    """
    text = data[:_MOST].decode("latin-1")
    last = next(islice(_TOKEN.finditer(text), _MOST_READ, None), None)
    end = last.start() if last else len(text)
    return _TOKEN.sub(_read, text[:end]) + _TOKEN.sub("", text[end:])


def written(text: str) -> bytes:
    """Return a text as RTF without formatting."""
    escaped = re.sub(r"([\\{}])", r"\\\1", text).replace("\n", "\\par\n")
    return b"{\\rtf1\\ansi " + "".join(c if c.isascii() else f"\\u{ord(c) & 0xFFFF}?" for c in escaped).encode() + b"}"


def _read(match: re.Match[str]) -> str:
    code, letter, word, _number, sign = match.groups()
    if code:
        return chr(int(code, 16))
    if letter:
        return chr(int(letter) & 0xFFFF)
    if word:
        return "\n" if word in {"par", "line", "row", "cell", "sect", "page"} else ""
    return {"_": "-", "~": "\xa0", "-": ""}.get(sign, sign) if sign else ""


def packed_in(data: bytes) -> list[bytes]:
    """Return the first few compressed RTF texts in a container, decompressed."""
    packed, place = list[bytes](), data.find(_PACKED)
    while place >= 8 and len(packed) < _MOST_TEXTS:
        packed.append(_unpacked(data, place))
        place = data.find(_PACKED, place + 4)
    place = data.find(_STORED + b"\0\0\0\0" + SIGNATURE)
    while place >= 8 and len(packed) < _MOST_TEXTS:
        (size,) = struct.unpack_from("<I", data, place - 4)
        packed.append(data[place + 8 : place + 8 + min(size, _MOST_UNPACKED)])
        place = data.find(_STORED + b"\0\0\0\0" + SIGNATURE, place + 4)
    return packed


def _unpacked(data: bytes, mark: int) -> bytes:
    packed, _size = struct.unpack_from("<II", data, mark - 8)
    window, place, out = bytearray(_KNOWN.ljust(4096, b"\0")), len(_KNOWN), bytearray()
    at, end = mark + 8, min(len(data), mark - 4 + packed)
    while at < end and len(out) < _MOST_UNPACKED:
        flags = data[at]
        at += 1
        for bit in range(8):
            if flags >> bit & 1:
                if at + 2 > end:
                    return bytes(out)
                (token,) = struct.unpack_from(">H", data, at)
                at += 2
                if token >> 4 == place:
                    return bytes(out)
                made = [(token >> 4) + step for step in range((token & 15) + 2)]
            elif at < end:
                window[place] = data[at]
                made, at = [place], at + 1
            else:
                return bytes(out)
            for source in made:
                byte = window[source % 4096]
                window[place] = byte
                out.append(byte)
                place = (place + 1) % 4096
    return bytes(out)
