"""Compressed files and archives, opened and written anew: gzip, bzip2, xz, lzma, ZIP (so office files, too). Pure,
bounded: so many bytes of all of them together come out (`Work.UNPACKED`), however they are made; the rest stays
closed."""

import bz2
import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from otklik.mail.parse import budget, limits
from otklik.mail.parse.budget import Work

ZIP = b"PK\x03\x04"
_BZIP2, _GZIP, _XZ, _LZMA = b"BZh", b"\x1f\x8b", b"\xfd7zXZ\x00", b"]\0\0"
_END_OF_ZIP = b"PK\x05\x06"
_LONGEST_END = 65_557  # with the longest comment
_LOCAL_HEAD = 30
_MOST_MEMBERS, _PIECE = 1_000, 16 * 1024
# An archive that unpacks to more is not repacked.
_MOST_WRITTEN = 64 * limits.MIB
_XZ_MEMORY = 64 * limits.MIB


def is_packed(data: bytes) -> bool:
    """Return whether the data starts like a compressed file or archive that this module can open."""
    return data.startswith((ZIP, _GZIP, _BZIP2, _XZ, _LZMA)) or _is_zip(data)


def _is_zip(data: bytes) -> bool:
    """Return whether it is a ZIP archive, including one with a self-extractor or other data in front."""
    return data.startswith(ZIP) or (data.rfind(_END_OF_ZIP, -_LONGEST_END) >= 0 and ZIP in data)


def inside(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield (name, content) of the files inside; a compressed file has the name "". Never raises."""
    if _is_zip(data):
        yield from _members(data)
    elif (opened := _decompress_all(data)) is not None:
        yield "", opened[0]


def repacked(data: bytes, change: Callable[[bytes], bytes]) -> bytes | None:
    """Return the archive with `change` applied to each content that was read.

    The same bytes if nothing changes (contents that were not read stay as they are); None if a change cannot be
    written.
    """
    if _is_zip(data):
        return _repacked_zip(data, change)
    opened = _decompress_all(data)
    if opened is None or (made := change(opened[0])) == opened[0]:
        return data
    return _packing(data)(made) if opened[1] else None


def _packing(data: bytes) -> Callable[[bytes], bytes]:
    if data.startswith(_GZIP):
        return gzip.compress
    if data.startswith(_LZMA):
        return partial(lzma.compress, format=lzma.FORMAT_ALONE)
    return bz2.compress if data.startswith(_BZIP2) else lzma.compress


def _decompress_all(data: bytes) -> tuple[bytes, bool] | None:
    """Return the decompressed data, up to the mail's budget, and whether it is complete; None if it is broken."""
    if budget.left(Work.UNPACKED) <= 0:
        budget.refuse(Work.UNPACKED)
        return None
    chunks, begin, pieces = list[bytes](), 0, 0
    budget.take(Work.UNPACKED, len(data) // 8)
    while is_packed(data[begin : begin + _PIECE]) and pieces < _MOST_MEMBERS:
        decompressor = _decompressor_for(data[begin : begin + _PIECE])
        try:
            chunk, begin = _decompress_stream(decompressor, data, begin)
        except (zlib.error, OSError, lzma.LZMAError, EOFError, ValueError):
            break
        chunks.append(chunk)
        budget.take(Work.UNPACKED, len(chunk) + 64)
        if not decompressor.eof or budget.left(Work.UNPACKED) <= 0:
            return b"".join(chunks), decompressor.eof and begin == len(data)
        pieces += 1
    return (b"".join(chunks), begin == len(data)) if chunks else None


def _decompress_stream(decompressor: Any, data: bytes, begin: int) -> tuple[bytes, int]:
    """Decompress one stream; return its data and where it ends. Works in pieces, because each call copies the rest."""
    chunks, most = list[bytes](), max(1, budget.left(Work.UNPACKED))
    while begin < len(data) and not decompressor.eof and most > 0:
        chunks.append(decompressor.decompress(data[begin : begin + _PIECE], most))
        begin, most = min(begin + _PIECE, len(data)), most - len(chunks[-1])
    return b"".join(chunks), begin - len(decompressor.unused_data)


def _decompressor_for(data: bytes) -> Any:
    if data.startswith(_GZIP):
        return zlib.decompressobj(wbits=31)
    return bz2.BZ2Decompressor() if data.startswith(_BZIP2) else lzma.LZMADecompressor(memlimit=_XZ_MEMORY)


def _members(data: bytes) -> Iterator[tuple[str, bytes]]:
    if not budget.allows(Work.UNPACKED, _directory_size(data)):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist()[:_MOST_MEMBERS]:
                yield entry.filename, _content(archive, entry)
    except _BROKEN:
        return


_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    lzma.LZMAError,
    EOFError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    struct.error,
)


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return a member's content; b"" if it is encrypted, broken, or exceeds the mail's budget."""
    if entry.is_dir() or entry.flag_bits & 1 or not budget.allows(Work.UNPACKED, entry.file_size + 512):
        return b""
    try:
        if entry.compress_type in _UNBOUNDED:
            return _member(archive, entry)
        with archive.open(entry) as opened:
            # Not `read()`, which unpacks everything before it looks at the size that was told.
            return opened.read(entry.file_size)
    except _BROKEN:
        return b""


_UNBOUNDED = {zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
"""Compression methods for which zipfile may decompress more than it is asked for."""


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return the content of a member whose decompression zipfile does not bound."""
    packed = _read_raw_member(archive, entry)
    if entry.compress_type == zipfile.ZIP_BZIP2:
        return bz2.BZ2Decompressor().decompress(packed, entry.file_size)
    # A version and a length stand before the five bytes of properties; in a file of its own a size stands behind them.
    alone = packed[4:9] + b"\xff" * 8 + packed[9:]
    opened = lzma.LZMADecompressor(format=lzma.FORMAT_ALONE, memlimit=_XZ_MEMORY)
    return opened.decompress(alone, entry.file_size)


def _read_raw_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """The member's compressed bytes, at most what its declared size could take stored."""
    file = archive.fp
    if file is None:
        return b""
    file.seek(entry.header_offset)
    head = file.read(_LOCAL_HEAD)
    file.seek(sum(struct.unpack_from("<HH", head, _LOCAL_HEAD - 4)), io.SEEK_CUR)
    return file.read(min(entry.compress_size, entry.file_size * 51 // 50 + 1024))


def _directory_size(data: bytes) -> int:
    """Return the declared size of the archive's directory, all of which is read first."""
    end = data.rfind(_END_OF_ZIP, -_LONGEST_END)
    declared = int.from_bytes(data[end + 12 : end + 16], "little") if end >= 0 else 0
    return min(declared, len(data))


def _repacked_zip(data: bytes, change: Callable[[bytes], bytes]) -> bytes | None:
    if not budget.allows(Work.UNPACKED, _directory_size(data)):
        return data
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            changed = dict[int, bytes]()
            for number, entry in enumerate(entries[:_MOST_MEMBERS]):
                content = _content(archive, entry)
                if (made := change(content)) != content:
                    changed[number] = made
            if not changed:
                return data
            return _packed_again(archive, entries, changed) if data.startswith(ZIP) else None
    except _BROKEN:
        return data


def _packed_again(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], changed: dict[int, bytes]) -> bytes | None:
    if sum(entry.file_size for entry in entries) > _MOST_WRITTEN or any(entry.flag_bits & 1 for entry in entries):
        return None
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for number, entry in enumerate(entries):
            made.writestr(entry, changed[number] if number in changed else archive.read(entry))
    return out.getvalue()
