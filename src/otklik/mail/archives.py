"""Compressed files and archives, opened and written anew: gzip, bzip2, xz, ZIP (so office files, too). Pure, bounded:
so many bytes of all of them together come out (`Work.UNPACKED`), however they are made; the rest stays closed."""

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from otklik.mail.parse import budget, limits
from otklik.mail.parse.budget import Work

ZIP = b"PK\x03\x04"
_BZIP2, _GZIP, _XZ = b"BZh", b"\x1f\x8b", b"\xfd7zXZ\x00"
_MOST_MEMBERS = 1_000
# An archive that unpacks to more is not written anew.
_MOST_WRITTEN = 64 * limits.MIB
_XZ_MEMORY = 64 * limits.MIB


def is_packed(data: bytes) -> bool:
    """Whether the bytes begin as those of a compressed file or an archive do that can be opened here."""
    return data.startswith((ZIP, _GZIP, _BZIP2, _XZ))


def inside(data: bytes) -> Iterator[tuple[str, bytes]]:
    """What is in it: names and contents, a compressed file's without a name. Never raises."""
    if data.startswith(ZIP):
        yield from _members(data)
    elif (said := _unpacked(data)) is not None:
        yield "", said


def rewritten(data: bytes, change: Callable[[bytes], bytes]) -> bytes | None:
    """The same with everything in it that is read changed so: the bytes themselves where nothing changes, None where
    it cannot be written anew."""
    if data.startswith(ZIP):
        return _rewritten_zip(data, change)
    said = _unpacked(data)
    if said is None or (made := change(said)) == said:
        return data
    return _packing(data)(made)


def _packing(data: bytes) -> Callable[[bytes], bytes]:
    if data.startswith(_GZIP):
        return gzip.compress
    return bz2.compress if data.startswith(_BZIP2) else lzma.compress


def _unpacked(data: bytes) -> bytes | None:
    """What a compressed file begins with, as much as the mail may still ask for; None for a broken one."""
    most = budget.left(Work.UNPACKED)
    if most <= 0:
        budget.refuse(Work.UNPACKED)
        return None
    try:
        opened: Any
        if data.startswith(_GZIP):
            said = zlib.decompressobj(wbits=31).decompress(data, most)
        else:
            opened = bz2.BZ2Decompressor() if data.startswith(_BZIP2) else lzma.LZMADecompressor(memlimit=_XZ_MEMORY)
            said = opened.decompress(data, max_length=most)
    except (zlib.error, OSError, lzma.LZMAError, EOFError, ValueError):
        return None
    budget.take(Work.UNPACKED, len(said) + len(data) // 8)
    return bytes(said)


def _members(data: bytes) -> Iterator[tuple[str, bytes]]:
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
)


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """A member's bytes; none of one that is locked, broken, or too large for what the mail may still ask for."""
    if entry.is_dir() or entry.flag_bits & 1 or not budget.allows(Work.UNPACKED, entry.file_size + 512):
        return b""
    try:
        return archive.read(entry)
    except _BROKEN:
        return b""


def _rewritten_zip(data: bytes, change: Callable[[bytes], bytes]) -> bytes | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            changed = dict[int, bytes]()
            for number, entry in enumerate(entries[:_MOST_MEMBERS]):
                content = _content(archive, entry)
                if (made := change(content)) != content:
                    changed[number] = made
            return _written(archive, entries, changed) if changed else data
    except _BROKEN:
        return data


def _written(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], changed: dict[int, bytes]) -> bytes | None:
    if sum(entry.file_size for entry in entries) > _MOST_WRITTEN or any(entry.flag_bits & 1 for entry in entries):
        return None
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for number, entry in enumerate(entries):
            made.writestr(entry, changed[number] if number in changed else archive.read(entry))
    return out.getvalue()
