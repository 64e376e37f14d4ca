"""Decode ISO-2022-JP with the vendor characters that Microsoft and others add to it."""

import re

_ESCAPE = re.compile(rb"\x1b(\([BJI]|\$[@B]|\$\(D)")


def decode(data: bytes) -> str:
    """Decode ISO-2022-JP. Never raises.

    Falls back from Python's codec to decoding cell by cell with NEC's and IBM's rows.
    """
    try:
        return data.decode("iso2022_jp_ext")
    except UnicodeDecodeError:
        pieces = _ESCAPE.split(data)
    out = [pieces[0].decode("ascii", "replace")]
    for escape, piece in zip(pieces[1::2], pieces[2::2], strict=False):
        if escape.startswith(b"$"):
            out.append(_double(piece))
        elif escape == b"(I":
            out.append(bytes(byte | 0x80 for byte in piece).decode("cp932", "replace"))
        else:
            out.append(piece.decode("ascii", "replace"))
    return "".join(out)


def _double(piece: bytes) -> str:
    """Decode two-byte cells by way of Shift-JIS (cp932), which has all rows; line ends inside stay."""
    out = bytearray()
    index = 0
    while index + 1 < len(piece):
        first, second = piece[index], piece[index + 1]
        if first < 0x21 or second < 0x21:
            out.append(first)
            index += 1
            continue
        lead = (first + 1) // 2 + (0x70 if first < 0x5F else 0xB0)
        trail = second + (0x1F if second < 0x60 else 0x20) if first % 2 else second + 0x7E
        out += bytes((lead & 0xFF, trail & 0xFF))
        index += 2
    return (bytes(out) + piece[index:]).decode("cp932", "replace")
